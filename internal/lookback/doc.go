// Package lookback judges past mail as if belay had been there: mail after mail
// in the order of their dates, each with what was known then. It counts what
// would have waited and what would have been asked, and finds the likely
// mistakes. It keeps nothing, and sends nothing.
package lookback
