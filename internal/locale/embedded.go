package locale

import (
	"embed"
	"fmt"
	"io/fs"
)

// Embedded is a room's catalogue for Load: a folder, such as "words", of the
// files that are compiled into it. A folder that is not there is a fault of the
// program, and panics.
func Embedded(files embed.FS, folder string) fs.FS {
	if _, err := files.ReadDir(folder); err != nil {
		panic(fmt.Sprintf("the catalogue %s is not compiled in: %s", folder, err))
	}
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // a folder that can be read has a valid name
	}
	return sub
}
