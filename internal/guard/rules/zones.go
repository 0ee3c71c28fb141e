package rules

import (
	"fmt"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// CEL's own functions for the time of day in some zone read that zone's file
// at each call, which takes longer than all the rest of a condition. These do
// the same and remember the zones.
var zoned = []struct {
	function, overload string
	get                func(time.Time) int
}{
	{overloads.TimeGetFullYear, overloads.TimestampToYearWithTz, time.Time.Year},
	{overloads.TimeGetMonth, overloads.TimestampToMonthWithTz, func(t time.Time) int { return int(t.Month()) - 1 }},
	{overloads.TimeGetDayOfYear, overloads.TimestampToDayOfYearWithTz, func(t time.Time) int { return t.YearDay() - 1 }},
	{overloads.TimeGetDayOfMonth, overloads.TimestampToDayOfMonthZeroBasedWithTz, func(t time.Time) int { return t.Day() - 1 }},
	{overloads.TimeGetDate, overloads.TimestampToDayOfMonthOneBasedWithTz, time.Time.Day},
	{overloads.TimeGetDayOfWeek, overloads.TimestampToDayOfWeekWithTz, func(t time.Time) int { return int(t.Weekday()) }},
	{overloads.TimeGetHours, overloads.TimestampToHoursWithTz, time.Time.Hour},
	{overloads.TimeGetMinutes, overloads.TimestampToMinutesWithTz, time.Time.Minute},
	{overloads.TimeGetSeconds, overloads.TimestampToSecondsWithTz, time.Time.Second},
}

// standardLibrary is CEL's own, with our functions for times in zones.
func standardLibrary() []cel.EnvOption {
	without := &env.LibrarySubset{}
	var ours []cel.EnvOption
	for _, z := range zoned {
		without.ExcludeFunctions = append(without.ExcludeFunctions, env.NewFunction(z.function, &env.Overload{ID: z.overload}))
		ours = append(ours, cel.Function(z.function, cel.MemberOverload(z.overload,
			[]*cel.Type{cel.TimestampType, cel.StringType}, cel.IntType, cel.BinaryBinding(inZone(z.get)))))
	}
	return append([]cel.EnvOption{cel.StdLib(cel.StdLibSubset(without))}, ours...)
}

func inZone(get func(time.Time) int) func(t, zone ref.Val) ref.Val {
	return func(t, zone ref.Val) ref.Val {
		at, ok := t.(types.Timestamp)
		name, text := zone.(types.String)
		if !ok || !text {
			return types.MaybeNoSuchOverloadErr(zone)
		}
		location, err := zoneOf(string(name))
		if err != nil {
			return types.WrapErr(err)
		}
		return types.Int(get(at.In(location)))
	}
}

// zones are those that were asked for: at most as many as there are.
var zones sync.Map // name → *time.Location

// zoneOf finds a zone by its name, or by its distance from UTC ("+01:00").
func zoneOf(name string) (*time.Location, error) {
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), nil
	}
	if t, err := time.Parse("-07:00", name); err == nil {
		return t.Location(), nil
	}
	if t, err := time.Parse("15:04", name); err == nil { // CEL has no need of "+"
		return time.FixedZone("", t.Hour()*3600+t.Minute()*60), nil
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("no time zone has the name %q", name)
	}
	zones.Store(name, l)
	return l, nil
}
