package extract_test

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"

	"belay/internal/extract"
	"belay/internal/extract/extracttest"
)

// packed makes a zip of names and contents, one after the other.
func packed(t *testing.T, namesAndContents ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(namesAndContents); i += 2 {
		w, err := z.Create(namesAndContents[i])
		if err == nil {
			_, err = w.Write([]byte(namesAndContents[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func extracted(t *testing.T, name string, data []byte) *extract.Document {
	t.Helper()
	doc, err := reader.Extract(context.Background(), name, "", data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return doc
}

// Programs differ in how they write Word documents: text is hidden by a style,
// moved, written twice for old programs, or stands in a box.
func TestWordDocumentsOfManyProgramsAreRead(t *testing.T) {
	doc := extracted(t, "a.docx", packed(t, "word/styles.xml", `<w:styles><w:style w:styleId="Nagwek1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="Ukryty"><w:name w:val="ours"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>`,
		"word/document.xml", `<?xml version="1.0"?><w:document><w:body>
<w:p><w:pPr><w:pStyle w:val="Nagwek1"/><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>Umowa</w:t></w:r><w:r><w:t xml:space="preserve"> nr 7</w:t></w:r></w:p>
<w:p><w:r><w:rPr><w:rStyle w:val="Ukryty"/></w:rPr><w:t>nie pokazuj</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>widać</w:t></w:r></w:p>
<w:p><w:pPr><w:rPr><w:ins w:id="9" w:author="E"/></w:rPr></w:pPr><w:moveFrom><w:r><w:t>stąd</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>tutaj</w:t></w:r></w:moveTo></w:p>
<mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>ramka</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r><w:t>ramka</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>
<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGEREF _x</w:instrText></w:r><w:r><w:t>12</w:t></w:r><w:r><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>
</w:body></w:document>`))
	if want := "Umowa nr 7\nwidać\ntutaj\nramka\n12\tx\ny\na b\tc\n"; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	if doc.Title != "Umowa nr 7" {
		t.Errorf("title %q", doc.Title)
	}
	wantHidden(t, doc, extract.HiddenText, "", "nie pokazuj", 1)
	wantHidden(t, doc, extract.HiddenChanges, "", "stąd\ntutaj", 2)
}

const bookLinks = `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="/xl/worksheets/one.xml"/><Relationship Id="rId2" Type="http://x/styles" Target="styles.xml"/><Relationship Id="rId3" Type="http://x/pivotCacheDefinition" Target="pivotCache/d.xml"/></Relationships>`

func TestNumbersAreReadAsPeopleSeeThem(t *testing.T) {
	doc := extracted(t, "a.xlsx", packed(t,
		"xl/workbook.xml", `<x:workbook xmlns:x="main"><x:sheets><x:sheet name="Staff" sheetId="1" r:id="rId1"/></x:sheets></x:workbook>`, "xl/_rels/workbook.xml.rels", bookLinks,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000000000"/><numFmt numFmtId="165" formatCode="000\-00\-0000"/><numFmt numFmtId="166" formatCode="dd/mm/yyyy"/><numFmt numFmtId="167" formatCode="#,##0.00\ &quot;zł&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="14"/><xf numFmtId="167"/></cellXfs></styleSheet>`,
		"xl/worksheets/one.xml", `<x:worksheet><x:sheetData><x:row r="1"><x:c r="A1"><x:v>4.4051401359E10</x:v></x:c><x:c r="B1" s="1"><x:v>2070803628</x:v></x:c><x:c r="C1" s="2"><x:v>78051120</x:v></x:c><x:c r="D1" s="3"><x:v>46091</x:v></x:c><x:c r="E1" s="4"><x:v>46091.5</x:v></x:c><x:c r="F1" s="5"><x:v>1200.5</x:v></x:c><x:c r="G1" t="b"><x:v>1</x:v></x:c><x:c r="H1" t="e"><x:v>#REF!</x:v></x:c><x:c r="I1" t="str"><x:f>A1&amp;"x"</x:f><x:v>sum</x:v></x:c></x:row></x:sheetData></x:worksheet>`))
	if want := "Staff\n44051401359\t02070803628\t078-05-1120\t2026-03-10\t2026-03-10\t1200.5\tTRUE\tsum\n"; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
}

// A pivot table is harmless where its sheet is in the workbook.
func TestAPivotTableHidesOnlyWhatIsNotThere(t *testing.T) {
	cache := func(source string) []byte {
		return packed(t, "xl/workbook.xml", `<workbook><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="Sales">Data!$A$1:$B$9</definedName></definedNames><pivotCaches><pivotCache cacheId="1" r:id="rId3"/></pivotCaches></workbook>`,
			"xl/_rels/workbook.xml.rels", bookLinks, "xl/worksheets/one.xml", `<worksheet/>`, "xl/tables/table1.xml", `<table displayName="Table1"/>`,
			"xl/pivotCache/d.xml", `<pivotCacheDefinition><cacheSource type="worksheet">`+source+`</cacheSource><cacheFields><cacheField name="Client"><sharedItems><s v="Falcon"/><s v="Heron"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>`)
	}
	for source, hidden := range map[string]int{
		`<worksheetSource ref="A1:B9" sheet="Data"/>`: 0, `<worksheetSource name="Sales"/>`: 0, `<worksheetSource name="Table1"/>`: 0,
		`<worksheetSource name="Table9"/>`: 1, `<worksheetSource ref="A1" sheet="Old"/>`: 1, `<worksheetSource ref="A1" sheet="Data" r:id="rId1"/>`: 1,
	} {
		if doc := extracted(t, "a.xlsx", cache(source)); len(doc.Hidden) != hidden {
			t.Errorf("%s: hidden %+v", source, doc.Hidden)
		}
	}
}

// Excel keeps a thread of remarks twice.
func TestAThreadOfRemarksIsReadOnce(t *testing.T) {
	doc := extracted(t, "a.xlsx", packed(t, "xl/workbook.xml", `<workbook><sheets><sheet name="Offer" sheetId="1" r:id="rId1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels", bookLinks, "xl/worksheets/one.xml", `<worksheet/>`,
		"xl/worksheets/_rels/one.xml.rels", `<Relationships><Relationship Id="a" Type="x/comments" Target="../comments1.xml"/><Relationship Id="b" Type="x/threadedComment" Target="../threadedComments/t.xml"/></Relationships>`,
		"xl/comments1.xml", `<comments><authors><author>tc={5E2B}</author><author>Ewa</author></authors><commentList><comment ref="A1" authorId="0"><text><t>[Threaded comment] too dear?</t></text></comment><comment ref="A2" authorId="1"><text><r><t>old </t></r><r><t>remark</t></r></text></comment></commentList></comments>`,
		"xl/threadedComments/t.xml", `<ThreadedComments><threadedComment ref="A1"><text>too dear?</text></threadedComment><threadedComment ref="A1"><text>they will pay</text></threadedComment></ThreadedComments>`))
	if len(doc.Hidden) != 1 || doc.Hidden[0].Count != 3 || doc.Hidden[0].Text != "old remark\ntoo dear?\nthey will pay" {
		t.Errorf("hidden %+v", doc.Hidden)
	}
}

func TestDocumentsInsideDocumentsAreRead(t *testing.T) {
	for _, kind := range []string{"docx", "pptx", "xlsx"} {
		doc := read(t, extracttest.Descriptor{Kind: kind, Embedded: []extracttest.File{{Name: "Sheet1.xlsx", File: &extracttest.Descriptor{Kind: "xlsx", Sheets: []extracttest.Sheet{{Name: "All", Rows: people}}}}}})
		if len(doc.Inside) != 1 || doc.Inside[0].Doc.Kind != "xlsx" || doc.Inside[0].Doc.Text == "" {
			t.Errorf("%s: inside %+v", kind, doc.Inside)
		}
	}
}

// Old programs lay a whole document flat in one XML text.
func TestFlatDocumentsAreRead(t *testing.T) {
	doc := extracted(t, "a.xml", []byte(`<?xml version="1.0"?><w:wordDocument xmlns:w="x"><w:body><w:p><w:r><w:t>Dear Falcon</w:t></w:r></w:p></w:body></w:wordDocument>`))
	if doc.Kind != extract.KindDocx || doc.Text != "Dear Falcon\n" {
		t.Errorf("%+v", doc)
	}
	doc = extracted(t, "a.xls", []byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Offer"><Table><Row><Cell><Data>Pump</Data></Cell><Cell><Data>12</Data></Cell></Row><Row ss:Hidden="1"><Cell><Data>cost 9</Data></Cell></Row></Table></Worksheet><Worksheet ss:Name="Pay"><Table><Row><Cell><Data>Anna</Data></Cell></Row></Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>`))
	if doc.Kind != extract.KindXlsx || doc.Text != "Offer\nPump\t12\n" {
		t.Errorf("%+v", doc)
	}
	wantHidden(t, doc, extract.HiddenRows, "Offer", "cost 9", 1)
	wantHidden(t, doc, extract.HiddenSheet, "Pay", "Anna", 1)
	doc = extracted(t, "a.fods", []byte(`<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:meta><dc:title>T</dc:title></office:meta><office:body><office:spreadsheet><table:table table:name="A"><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document>`))
	if doc.Kind != extract.KindOds || doc.Text != "A\nx\n" || doc.Title != "T" {
		t.Errorf("%+v", doc)
	}
}

// RTF of many programs: octets of a charset, units of UTF-16, marks of changes.
func TestRichTextsOfManyProgramsAreRead(t *testing.T) {
	doc := extracted(t, "a.rtf", []byte(`{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset238 Arial CE;}{\f2\fcharset162 Arial Tur;}}{\stylesheet{\s1 Normal;}}{\*\generator Word;}`+
		`\f0 Caf\'e9 \f1 za\'bf\'f3\'b3\'e6 \f2 \'fei\'fee\par \uc2\u322 \'b3?dz \uc1\u-10179?\u-8704?\par`+
		`{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}{\deleted gone }{\revised new}{\v0 seen}{\*\annotation{\*\atnid E}a remark}{\pict\pngblip 89504e47}\trowd a\cell b\cell\row}`))
	if want := "Café zażółć şişe\nłdz 😀\nlinknewseena\tb\t\n"; doc.Text != want {
		t.Errorf("text %q, want %q", doc.Text, want)
	}
	wantHidden(t, doc, extract.HiddenChanges, "", "gone\nnew", 2)
	wantHidden(t, doc, extract.HiddenComment, "", "a remark", 1)
}
