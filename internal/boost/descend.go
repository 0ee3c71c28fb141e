package boost

import "context"

// memory is how many steps L-BFGS remembers.
const memory = 8

// step is one that was taken: how far, and how the slope changed.
type step struct {
	far, bend []float64
	along     float64 // far · bend
}

// descend looks for the least of a convex function from x on, by L-BFGS with
// steps that are halved until they help; it calls the function about epochs
// times. f gives the value and fills in the slope.
func descend(ctx context.Context, x []float64, epochs int, f func(x, slope []float64) float64) ([]float64, error) {
	slope, next, nextSlope := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	value := f(x, slope)
	var steps []step
	for calls := 1; calls < epochs; {
		way := direction(slope, steps)
		down := dot(way, slope)
		if dot(slope, slope) < 1e-14 || down >= 0 {
			break
		}
		reached := false
		for length := 1.0; length > 1e-10 && !reached; length /= 2 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for i := range x {
				next[i] = x[i] + length*way[i]
			}
			v := f(next, nextSlope)
			calls++
			if v <= value+1e-4*length*down {
				reached, value = true, v
			}
		}
		if !reached {
			break // as near as rounding lets it come
		}
		s := step{far: make([]float64, len(x)), bend: make([]float64, len(x))}
		for i := range x {
			s.far[i], s.bend[i] = next[i]-x[i], nextSlope[i]-slope[i]
		}
		x, next = next, x
		slope, nextSlope = nextSlope, slope
		if s.along = dot(s.far, s.bend); s.along > 1e-16 {
			steps = append(steps, s)
			steps = steps[max(0, len(steps)-memory):]
		}
	}
	return x, ctx.Err()
}

// direction is where to go: down the slope, bent by what the last steps taught.
func direction(slope []float64, steps []step) []float64 {
	way := make([]float64, len(slope))
	for i, s := range slope {
		way[i] = -s
	}
	shares := make([]float64, len(steps))
	for k := len(steps) - 1; k >= 0; k-- {
		shares[k] = dot(steps[k].far, way) / steps[k].along
		add(way, -shares[k], steps[k].bend)
	}
	if n := len(steps); n > 0 {
		by := steps[n-1].along / dot(steps[n-1].bend, steps[n-1].bend)
		for i := range way {
			way[i] *= by
		}
	}
	for k := range steps {
		add(way, shares[k]-dot(steps[k].bend, way)/steps[k].along, steps[k].far)
	}
	return way
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func add(to []float64, times float64, a []float64) {
	for i := range to {
		to[i] += times * a[i]
	}
}
