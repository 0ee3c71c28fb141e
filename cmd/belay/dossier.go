package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// noTime is how a time that nobody knows stands in JSON.
const noTime = `"0001-01-01T00:00:00Z"`

// printDossier writes what was learned of somebody for a person to read: a line
// for each thing that is listed (hundreds of mails, with forty hashes each, would
// be thousands of lines else), and no times that nobody knows.
func printDossier(w io.Writer, raw json.RawMessage) error {
	members, err := membersOf(raw)
	if err != nil {
		return fmt.Errorf("read what was learned: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("{")
	for i, m := range members {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n  %s: ", m.name)
		if err := listed(&b, m.value); err != nil {
			return fmt.Errorf("write what was learned: %w", err)
		}
	}
	b.WriteString("\n}\n")
	_, err = w.Write(b.Bytes())
	return err
}

// listed writes a value of a dossier, the elements of a list on a line each.
func listed(b *bytes.Buffer, value json.RawMessage) error {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil || len(list) == 0 {
		return timed(b, value)
	}
	b.WriteString("[")
	for i, one := range list {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n    ")
		if err := timed(b, one); err != nil {
			return err
		}
	}
	b.WriteString("\n  ]")
	return nil
}

// timed writes a value on one line; an object without times that nobody knows.
func timed(b *bytes.Buffer, value json.RawMessage) error {
	if value = bytes.TrimSpace(value); len(value) == 0 || value[0] != '{' {
		return json.Compact(b, value)
	}
	members, err := membersOf(value)
	if err != nil {
		return err
	}
	b.WriteString("{")
	first := true
	for _, m := range members {
		if string(m.value) == noTime {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		fmt.Fprintf(b, "%s: ", m.name)
		if err := json.Compact(b, m.value); err != nil {
			return err
		}
	}
	b.WriteString("}")
	return nil
}

// member is a part of a JSON object.
type member struct{ name, value json.RawMessage }

// membersOf are the parts of an object in their order, which a map would lose.
func membersOf(raw json.RawMessage) (list []member, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil {
		return nil, err
	} else if open != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var m member
		if m.name, err = json.Marshal(name); err != nil {
			return nil, err
		}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}
