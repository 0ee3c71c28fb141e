// Package locale speaks belay's six languages: en pl es it tr nb. It loads
// catalogues, picks the reader's language, and writes plural forms, dates,
// times, durations and lists as that language does.
//
// A room owns its own words: it embeds its catalogue (files en.yaml, pl.yaml,
// … at the root of an fs.FS) and hands it to Load; only the words that dates
// and durations are made of live here.
package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Codes are the languages, the default one first.
var Codes = []string{"en", "pl", "es", "it", "tr", "nb"}

//go:embed words/*.yaml
var ownWords embed.FS

// Catalogue holds the words of one or more rooms in all languages. It may be
// used by many goroutines.
type Catalogue struct {
	bundle  *i18n.Bundle
	matcher language.Matcher
	locales []*Locale // in the order of Codes
	entries map[string]map[string]*i18n.Message
}

// Load reads catalogues. Each is a file system with a <code>.yaml for every
// code at its root: a map of ids to texts (text/template) or to plural forms
// (one, few, many, other); maps may nest, their keys are then joined by dots.
// An id in two catalogues is an error. Ids must not have a part named like a
// plural form.
func Load(catalogues ...fs.FS) (*Catalogue, error) {
	own := Embedded(ownWords, "words")
	c := &Catalogue{bundle: i18n.NewBundle(language.English), entries: map[string]map[string]*i18n.Message{}}
	tags := make([]language.Tag, len(Codes))
	for i, code := range Codes {
		tags[i] = language.MustParse(code)
		c.entries[code] = map[string]*i18n.Message{}
		for _, catalogue := range append([]fs.FS{own}, catalogues...) {
			if err := c.read(catalogue, code, tags[i]); err != nil {
				return nil, err
			}
		}
	}
	// Who asks for Nynorsk and has no Bokmål on the list reads it all the same.
	c.matcher = language.NewMatcher(append(tags, language.MustParse("nn")))
	for _, code := range Codes {
		c.locales = append(c.locales, &Locale{code: code, words: i18n.NewLocalizer(c.bundle, code), zone: time.UTC})
	}
	return c, nil
}

func (c *Catalogue) read(catalogue fs.FS, code string, tag language.Tag) error {
	name := code + ".yaml"
	text, err := fs.ReadFile(catalogue, name)
	if err != nil {
		return fmt.Errorf("read catalogue %s: %w", name, err)
	}
	messages, err := i18n.ParseMessageBytes(text, yaml.Unmarshal)
	if err != nil {
		return fmt.Errorf("read catalogue %s: %w", name, err)
	}
	for _, m := range messages {
		if _, ok := c.entries[code][m.ID]; ok {
			return fmt.Errorf("catalogue %s: the id %q stands in two catalogues; rename one", name, m.ID)
		}
		if m.Many == "" && (code == "es" || code == "it") {
			m.Many = m.Other // CLDR's form for millions; nothing here counts that far
		}
		c.entries[code][m.ID] = m
	}
	if err := c.bundle.AddMessages(tag, messages...); err != nil {
		return fmt.Errorf("read catalogue %s: %w", name, err)
	}
	return nil
}

// For gives the locale of the first wish that is (near enough to) one of the
// languages: each wish is a code ("nb", "es-MX") or a whole Accept-Language or
// Content-Language header. Without any it is English. Times are in UTC; see In.
func (c *Catalogue) For(wishes ...string) *Locale {
	if l := c.Find(wishes...); l != nil {
		return l
	}
	return c.locales[0]
}

// Find is For, but gives nil where no wish can be met.
func (c *Catalogue) Find(wishes ...string) *Locale {
	for _, wish := range wishes {
		if len(wish) > 500 {
			continue // no browser sends such a header
		}
		tags, _, err := language.ParseAcceptLanguage(strings.TrimSpace(wish))
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := c.matcher.Match(tags...); confidence >= language.Low {
			return c.locales[min(i, len(c.locales)-1)]
		}
	}
	return nil
}

// Complete tells what is missing: an id, a plural form, or a placeholder that
// one language has and English has not (or the other way round). A room's
// tests call it.
func (c *Catalogue) Complete() error {
	var errs []error
	for id := range c.entries["en"] {
		for _, code := range Codes {
			if err := c.compare(id, code); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, code := range Codes {
		for id := range c.entries[code] {
			if c.entries["en"][id] == nil {
				errs = append(errs, fmt.Errorf("%s.yaml: %s is not in en.yaml", code, id))
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// pluralForms are the forms a language must give where it gives any but other.
var pluralForms = map[string]string{"en": "one", "pl": "one few many", "es": "one", "it": "one", "tr": "", "nb": "one"}

func (c *Catalogue) compare(id, code string) error {
	en, m := c.entries["en"][id], c.entries[code][id]
	if m == nil {
		return fmt.Errorf("%s.yaml: %s is missing", code, id)
	}
	forms := map[string]string{"one": m.One, "few": m.Few, "many": m.Many}
	if en.One != "" {
		for _, form := range strings.Fields(pluralForms[code]) {
			if forms[form] == "" {
				return fmt.Errorf("%s.yaml: %s lacks the form %q", code, id, form)
			}
		}
	}
	if strings.TrimSpace(m.Other) == "" {
		return fmt.Errorf("%s.yaml: %s is empty", code, id)
	}
	if want, got := placeholders(en.Other), placeholders(m.Other); !slices.Equal(want, got) {
		return fmt.Errorf("%s.yaml: %s uses %v, English uses %v", code, id, got, want)
	}
	return nil
}

// placeholders lists the template fields of a text, each once, sorted.
func placeholders(text string) []string {
	var fields []string
	for _, part := range strings.Split(text, "{{")[1:] {
		inside, _, _ := strings.Cut(part, "}}")
		for _, word := range strings.Fields(inside) {
			if strings.HasPrefix(word, ".") {
				fields = append(fields, word)
			}
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// LanguageName is the name of a language in itself ("polski"), "" for a code
// that is not in Codes.
func LanguageName(code string) string {
	return map[string]string{"en": "English", "pl": "polski", "es": "español", "it": "italiano",
		"tr": "Türkçe", "nb": "norsk"}[code]
}
