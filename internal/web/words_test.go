package web

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"belay/internal/locale"
	"belay/internal/outbox/outboxtest"
	"belay/internal/queue"
)

func TestEveryLanguageIsComplete(t *testing.T) {
	words, err := locale.Load(Words())
	if err != nil {
		t.Fatal(err)
	}
	if err := words.Complete(); err != nil {
		t.Error(err)
	}
}

var used = regexp.MustCompile(`\.?(?:\bT|\bN)[ (]"([a-z_.-]+)"`)

func TestEveryWordThatPagesUseIsThere(t *testing.T) {
	words, err := locale.Load(Words())
	if err != nil {
		t.Fatal(err)
	}
	pl := words.For("pl") // in English a few words are their own ids
	files, _ := filepath.Glob("*.go")
	pages, _ := fs.Glob(templateFiles, "templates/*.html")
	for _, name := range append(files, pages...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			if id := m[1]; !strings.HasSuffix(id, ".") && pl.T(id) == id {
				t.Errorf("%s uses the word %q, which no catalogue has", name, id)
			}
		}
	}
	for _, s := range queue.States() {
		if id := "state." + s.String(); pl.T(id) == id {
			t.Errorf("there is no word for %s", id)
		}
	}
	for _, o := range []queue.Outcome{queue.OutStopped, queue.OutReleased, queue.OutPostponed, queue.OutTooLate, queue.OutAlreadyStopped, queue.OutNotHeld,
		queue.OutApproved, queue.OutDenied, queue.OutRemembered, queue.OutNeedsApproval} {
		if id := "outcome." + string(o); pl.T(id) == id {
			t.Errorf("there is no word for %s", id)
		}
	}
}

// TestPagesCanBeReadByEverybody looks for what a screen reader and a keyboard
// need, in every page and language.
func TestPagesCanBeReadByEverybody(t *testing.T) {
	w, _ := peopled(t, "people.yaml", people)
	m := w.held("Prices", "bob@client.test", "eve@client.test")
	outboxtest.Move(w.held("Minutes", "bob@client.test"), -1, queue.Failed, noon)
	asked := w.asked("Contract", "bob@client.test")
	for _, lang := range locale.Codes {
		w.lang = lang
		for _, path := range []string{"/", "/?in=failed", "/?in=stopped", "/?find=1", "/m/" + m.ID.String(), "/m/" + m.ID.String() + "?form=1",
			"/?in=asked", "/?choose=all", "/m/" + asked.ID.String(), "/people", "/people/anna@corp.test", "/people/falcon@corp.test"} {
			doc, err := html.Parse(strings.NewReader(w.get(path)))
			if err != nil {
				t.Fatal(err)
			}
			for _, complaint := range complaints(doc, lang) {
				t.Errorf("%s in %s: %s", path, lang, complaint)
			}
		}
	}
}

// complaints walks through a page.
func complaints(doc *html.Node, lang string) (list []string) {
	ids, labels, heads := map[string]bool{}, map[string]bool{}, 0
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && attr(n, "for") != "" {
			labels[attr(n, "for")] = true
		}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				list = append(list, "two elements have the id "+id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "html":
			if attr(n, "lang") != lang {
				list = append(list, "the page says that it is in "+attr(n, "lang"))
			}
		case "h1":
			heads++
		case "button", "a":
			if name := strings.TrimSpace(text1(n) + attr(n, "aria-label")); name == "" {
				list = append(list, "a "+n.Data+" has no name")
			}
		case "input", "textarea":
			kind := attr(n, "type")
			if kind != "hidden" && !labels[attr(n, "id")] && !inLabel(n) {
				list = append(list, "an input "+attr(n, "name")+" has no label")
			}
		case "form":
			if m := attr(n, "method"); m != "get" && m != "post" {
				list = append(list, "a form says nothing of its method")
			}
		}
	}
	if heads != 1 {
		list = append(list, "there is not exactly one h1")
	}
	return list
}

func inLabel(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text1(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func TestTheReaderChoosesTheLanguage(t *testing.T) {
	w := newWorld(t)
	w.lang = "tr-TR,tr;q=0.9"
	w.want(w.get("/"), `<html lang="tr">`, "Bekleyen ileti yok")
	out := w.do(http.MethodPost, "/language", url.Values{"lang": {"it"}, "back": {"/?in=sent"}}, nil)
	if out.Header().Get("Location") != "/?in=sent" || len(out.Result().Cookies()) != 1 {
		t.Fatalf("to %q with %v", out.Header().Get("Location"), out.Result().Cookies())
	}
	page := w.do(http.MethodGet, "/", nil, func(r *http.Request) { r.AddCookie(out.Result().Cookies()[0]) })
	w.want(page.Body.String(), `<html lang="it">`)
}
