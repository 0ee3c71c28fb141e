package journal

import "belay/internal/seal"

// Keys lets tests open the same journal a second time.
func (j *Journal) Keys() *seal.Keys { return j.keys }
