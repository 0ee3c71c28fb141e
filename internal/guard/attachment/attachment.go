// Package attachment looks at files.
package attachment

import (
	"context"

	"belay/internal/guard"
)
