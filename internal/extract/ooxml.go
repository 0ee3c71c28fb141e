package extract

import (
	"archive/zip"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// container is a document that is a zip with XML in it.
type container struct {
	j     *job
	p     *paper
	files map[string]*zip.File // by name, in small letters
	names []string             // in order
	err   error                // the first part that could not be read
}

func (j *job) container(p *paper, z *zip.Reader) *container {
	c := &container{j: j, p: p, files: map[string]*zip.File{}}
	for _, f := range z.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if c.files[name] == nil {
			c.files[name] = f
			c.names = append(c.names, name)
		}
	}
	return c
}

var errMissing = errors.New("a part of it is missing")

// walk shows a part to v.
func (c *container) walk(name string, v visitor) error {
	f := c.files[strings.ToLower(name)]
	if f == nil {
		return fmt.Errorf("%w: %s", errMissing, name)
	}
	if f.Flags&1 != 0 {
		return ErrEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if err := c.j.walkXML(unpacker{c.j, r}, v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// look shows a part to v that may be missing. It is false where the reading of
// the whole file has to end; that one part is broken is remembered.
func (c *container) look(name string, v visitor) bool {
	if name == "" || c.files[strings.ToLower(name)] == nil {
		return true
	}
	err := c.walk(name, v)
	if err != nil && c.err == nil || stopping(err) {
		c.err = err
	}
	return !stopping(err)
}

// relation is a link from one part to another.
type relation struct {
	id, kind, target string
	external         bool
}

// maxRelations is how many links of one part are followed.
const maxRelations = 5000

type relationReader struct {
	folder string
	list   []relation
}

func (r *relationReader) start(m *markup) {
	if m.local() != "Relationship" || len(r.list) >= maxRelations {
		return
	}
	kind := m.attr("Type")
	target := m.attr("Target")
	external := strings.EqualFold(m.attr("TargetMode"), "External")
	if !external {
		if strings.HasPrefix(target, "/") {
			target = strings.TrimPrefix(path.Clean(target), "/")
		} else {
			target = path.Join(r.folder, target)
		}
	}
	r.list = append(r.list, relation{id: m.attr("Id"), kind: kind[strings.LastIndexByte(kind, '/')+1:], target: target, external: external})
}
func (r *relationReader) end(string)  {}
func (r *relationReader) text(string) {}

// relations are the links of a part; "" is the whole file.
func (c *container) relations(part string) []relation {
	r := &relationReader{folder: path.Dir(part)}
	name := path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	if part == "" {
		r.folder, name = "", "_rels/.rels"
	}
	c.look(name, r)
	return r.list
}

// of are the targets of one kind of link.
func of(list []relation, kind string) []string {
	var all []string
	for _, r := range list {
		if r.kind == kind && !r.external {
			all = append(all, r.target)
		}
	}
	return all
}

// target is where a link leads.
func target(list []relation, id string) (string, bool) {
	i := slices.IndexFunc(list, func(r relation) bool { return r.id == id })
	if i < 0 || list[i].external {
		return "", false
	}
	return list[i].target, true
}

// readOOXML reads a document of ECMA-376.
func (j *job) readOOXML(p *paper, z *zip.Reader) error {
	c := j.container(p, z)
	main := map[string]string{KindDocx: "word/document.xml", KindXlsx: "xl/workbook.xml", KindPptx: "ppt/presentation.xml"}[p.doc.Kind]
	if named := of(c.relations(""), "officeDocument"); len(named) > 0 && c.files[strings.ToLower(named[0])] != nil {
		main = named[0]
	}
	c.officeProperties()
	if stopping(c.err) {
		return c.err
	}
	var err error
	switch p.doc.Kind {
	case KindDocx:
		err = c.readDocx(main)
	case KindXlsx:
		err = c.readXlsx(main)
	default:
		err = c.readPptx(main)
	}
	if err != nil {
		return err
	}
	if stopping(c.err) {
		return c.err
	}
	if err := c.embedded(); err != nil {
		return err
	}
	return c.err
}

// embedded reads the documents inside a document: the whole workbook behind a
// chart or a pasted table is one.
func (c *container) embedded() error {
	n := 0
	for _, name := range c.names {
		if !strings.Contains(name, "/embeddings/") && !strings.Contains(name, "/afchunk") {
			continue
		}
		if n++; n > c.j.limits.Entries {
			c.p.doc.Cut = true
			return nil
		}
		f := c.files[name]
		data, err := c.j.unzip(f)
		if err != nil {
			c.p.outside(path.Base(f.Name), err)
			if stopping(err) {
				return err
			}
			continue
		}
		c.p.inside(file{name: path.Base(f.Name), data: data})
		if err := c.j.late(); err != nil {
			return err
		}
	}
	return nil
}

// officeNames are our names for what OOXML files say about themselves.
var officeNames = map[string]string{"title": "title", "subject": "subject", "creator": "author", "lastModifiedBy": "last author",
	"keywords": "keywords", "category": "category", "Company": "company", "Manager": "manager", "Template": "template"}

// propertyReader reads core.xml, app.xml and custom.xml.
type propertyReader struct {
	p      *paper
	name   string // of the property that is being read
	custom bool
	value  strings.Builder
}

func (r *propertyReader) start(m *markup) {
	switch local := m.local(); {
	case local == "property": // of custom.xml
		r.name, r.custom = ownProperty(m.attr("name")), true
		r.value.Reset()
	case !r.custom && officeNames[local] != "":
		r.name = officeNames[local]
		r.value.Reset()
	}
}

func (r *propertyReader) end(local string) {
	if r.name != "" && (local == "property" || !r.custom && officeNames[local] != "") {
		if value := r.value.String(); r.name != "template" || !isPlainTemplate(value) {
			r.p.property(r.name, value)
		}
		r.name, r.custom = "", false
	}
}

func (r *propertyReader) text(s string) {
	if r.name != "" && r.value.Len() < 8*maxPropertyText {
		r.value.WriteString(s)
	}
}

// ownProperty is the name of a property that people made up, "" of one that
// programs keep their notes in.
func ownProperty(name string) string {
	name = strings.ToLower(cutRunes(oneLine(name), 60))
	switch name {
	case "appversion", "docsecurity", "hyperlinkschanged", "linksuptodate", "scalecrop", "sharedoc", "mediaserviceimagetags", "generator":
		return ""
	}
	if strings.HasPrefix(name, "msip_") || strings.HasPrefix(name, "_") || strings.HasPrefix(name, "contenttype") {
		return ""
	}
	return name
}

// isPlainTemplate tells the template that everybody has.
func isPlainTemplate(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "normal") || strings.HasPrefix(name, "office theme")
}

// officeProperties reads what the file says about itself.
func (c *container) officeProperties() {
	for _, name := range []string{"docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"} {
		if !c.look(name, &propertyReader{p: c.p}) {
			return
		}
	}
}
