// Package hidden looks at files.
package hidden

import (
	"context"

	"belay/internal/guard"
)
