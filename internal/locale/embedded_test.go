package locale

import (
	"io/fs"
	"testing"
)

func TestARoomsWordsAreCompiledIn(t *testing.T) {
	catalogue := Embedded(ownWords, "words")
	for _, code := range Codes {
		if _, err := fs.Stat(catalogue, code+".yaml"); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a folder that is not there went unnoticed")
		}
	}()
	Embedded(ownWords, "wrods")
}
