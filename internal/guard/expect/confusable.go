package expect

import (
	"math"
)

// What is compared of two people who may be taken for each other: an
// alternative, and the recipient in whose place it might be meant.
const (
	cPrefix = iota
	cNamePrefix
	cSameGiven
	cSameFamily
	cSameLocal
	cSameDomain
	cDistance
	cDomainDistance
	cAsOften
	cOtherDomain
	nConfusable
)

var confusableNames = [nConfusable]string{"prefix", "name prefix", "same given", "same family", "same local", "same domain", "distance", "domain distance", "as often", "other domain"}

// confuse fills in how easily one is taken for another.
func confuse(a, b *who, sentA, sentB int, row []float32) {
	row[cPrefix] = float32(commonPrefix(a.local, b.local, 6))
	row[cNamePrefix] = float32(max(commonPrefix(a.first, b.first, 5), commonPrefix(a.last, b.last, 5), commonPrefix(a.local, b.last, 5), commonPrefix(a.last, b.local, 5),
		commonPrefix(a.first, b.last, 5), commonPrefix(a.last, b.first, 5)))
	row[cSameGiven] = truth(a.first != "" && a.first == b.first)
	row[cSameFamily] = truth(a.last != "" && a.last == b.last)
	row[cSameLocal] = truth(a.local == b.local)
	row[cSameDomain] = truth(a.domain == b.domain)
	row[cDistance], row[cDomainDistance] = 0, 0
	switch {
	case a.domain == b.domain:
		row[cDistance] = float32(3-distance(a.local, b.local)) * min(1, float32(len(a.local))/8)
	case a.local == b.local:
		row[cDomainDistance] = float32(3 - distance(a.domain, b.domain))
	}
	row[cOtherDomain] = 1 - row[cSameDomain]
	row[cAsOften] = float32(math.Abs(math.Round(math.Log2(float64(sentA)+1)) - math.Round(math.Log2(float64(sentB)+1))))
}
