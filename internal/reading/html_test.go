package reading

import "testing"

func TestSplit_Markup(t *testing.T) {
	for _, c := range []splitCase{
		{name: "Gmail, answer", text: `<div dir="ltr"><div>Dear Jan,</div><div><br></div><div>Friday suits me&nbsp;well.</div><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">Anna<div>Corp Ltd</div></div></div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, Mar 10, 2026 at 9:12 AM Jan &lt;<a href="mailto:jan@falcon.test">jan@falcon.test</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>Which day suits you?</div></blockquote></div>`,
			own: "Dear Jan, / Friday suits me well.", signature: "-- / Anna / Corp Ltd", quotes: "Which day suits you?"},
		{name: "Gmail, answers between", text: `<div>Hello,</div><div class="gmail_quote"><div class="gmail_attr">El mar, 10 mar 2026 a las 9:12, Jan (&lt;jan@falcon.test&gt;) escribió:<br></div><blockquote class="gmail_quote">Which day?</blockquote><div>Friday.</div><blockquote class="gmail_quote">And when?</blockquote><div>At nine.</div></div>`,
			own: "Hello, / Friday. / At nine.", quotes: "And when?"},
		{name: "Gmail, set in", text: `<div>The plan:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>begin on Monday</div></blockquote>`, own: "The plan: / begin on Monday"},
		{name: "Outlook", text: `<html><head><style>p.MsoNormal {margin:0cm;}</style></head><body lang="EN-GB"><div class="WordSection1"><p class="MsoNormal">Dear Jan,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Friday suits me well.<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> Jan Lis &lt;jan@falcon.test&gt; <br><b>Sent:</b> Tuesday, March 10, 2026 9:12 AM<br><b>To:</b> Anna Nowak &lt;anna@corp.test&gt;<br><b>Subject:</b> Friday<o:p></o:p></p></div></div><p class="MsoNormal">Which day suits you?</p></div></body></html>`,
			own: "Dear Jan, / Friday suits me well.", quotes: "Which day suits you?"},
		{name: "Outlook on the web", text: `<div style="font-family:Aptos">Dear Jan,</div><div>Friday suits me well.</div><div id="Signature"><p>Anna Nowak</p><p>Corp Ltd</p></div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font><b>Od:</b> Jan<br><b>Wysłano:</b> wtorek<br></font><div>&nbsp;</div></div><div>Which day suits you?</div>`,
			own: "Dear Jan, / Friday suits me well.", signature: "Anna Nowak / Corp Ltd", quotes: "Which day suits you?"},
		{name: "Apple", text: `<html><body>Friday suits me well.<br><div><br><blockquote type="cite"><div>On 10 Mar 2026, at 09:12, Jan &lt;jan@falcon.test&gt; wrote:</div><br><div>Which day suits you?</div></blockquote></div></body></html>`,
			own: "Friday suits me well.", quotes: "Which day suits you?"},
		{name: "Thunderbird", text: `<p>Friday suits me well.</p><div class="moz-signature">-- <br>Anna</div><div class="moz-cite-prefix">W dniu 10.03.2026 o 09:12, Jan pisze:<br></div><blockquote type="cite" cite="mid:1@falcon.test"><p>Which day suits you?</p></blockquote>`,
			own: "Friday suits me well.", signature: "-- / Anna", quotes: "Which day suits you?"},
		{name: "Yahoo", text: `<div>Friday suits me well.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Tuesday, 10 March 2026 at 09:12:00 CET, Jan wrote:</div><div>Which day suits you?</div></div>`,
			own: "Friday suits me well.", quotes: "Which day suits you?"},
		{name: "a table", text: `<table><tr><td>Name</td><td>PESEL</td></tr><tr><td>Jan</td><td>1</td></tr></table>`, own: "Name\tPESEL / Jan\t1"},
		{name: "a list", text: `<p>We need</p><ul><li>a plan<li>a date</ul>`, own: "We need / - a plan / - a date"},
		{name: "what nobody sees", text: `<div style="display:none">preheader <div>more</div></div><script>x()</script><!-- note --><p>Hello.</p>`, own: "Hello."},
		{name: "as it is typed", text: "<pre>one\n  two\n</pre>", own: "one /   two"},
		{name: "no tag at all", text: "Hello &amp; bye", own: "Hello & bye"},
		{name: "broken", text: `<div><p>Hello<blockquote><blockquote></div></table></blockquote>`, own: "Hello"},
		{name: "a paragraph broken in the source", text: "<p>Hello\nthere,  you\n</p>", own: "Hello there, you"},
	} {
		checkSplit(t, c, split(htmlLines(c.text)))
	}
}
