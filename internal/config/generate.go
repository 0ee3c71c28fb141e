package config

//go:generate sh -c "BELAY_WRITE=1 go test -run TestReference_IsFresh ."
