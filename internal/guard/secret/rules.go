package secret

import (
	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"
)

var _ = config.DefaultConfig
var _ = toml.Unmarshal
