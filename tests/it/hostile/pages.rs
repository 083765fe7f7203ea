//! Pages that are made to cost time or memory when their list or their main text is searched. A new
//! one is one line here.

use super::{Hostile, Make, hostile};

/// The text before and after.
const HEAD: &str =
    "<html><head><title>On the lamp</title></head><body><div class='content'><h1>On the lamp</h1>";
const END: &str = "</div></body></html>";
/// A paragraph that readability counts as text.
const TEXT: &str = "<p>The lamp of the harbour was lit again, as it had been for two hundred years, and ships came home, one after the other.</p>";

const PAGES: &[Hostile] = &[
    // White space.
    hostile("blanks", HEAD, " ", END),
    hostile("blanks in a paragraph", "<html><body><p>A", " ", "B</p></body></html>"),
    hostile("lines", HEAD, "\n", END),
    hostile("tabs and lines", "<html><body><div>A", "\t\r\n\x0c", "B</div></body></html>"),
    hostile("no-break spaces", "<html><body><p>A", "\u{a0}", "B</p></body></html>"),
    hostile("no-break spaces by name", "<html><body><p>A", "&nbsp;", "B</p></body></html>"),
    hostile("no-break spaces by number", "<html><body><p>A", "&#160;", "B</p></body></html>"),
    hostile("no-break spaces and blanks", "<html><body><p>A", " \u{a0}", "B</p></body></html>"),
    hostile("em spaces", "<html><body><p>A", "\u{2003}", "B</p></body></html>"),
    hostile("ideographic spaces", "<html><body><div>A", "\u{3000}", "B</div></body></html>"),
    hostile("line separators", "<html><body><p>A", "\u{2028}", "B</p></body></html>"),
    hostile("spaces of no width", "<html><body><p>A", "\u{200b}", "B</p></body></html>"),
    hostile(
        "spaces of all sorts",
        "<html><body><p>A",
        "\u{85}\u{1680}\u{2000}\u{2009}\u{202f}\u{205f} \u{feff}",
        "B</p></body></html>",
    ),
    hostile("spaces between letters", HEAD, "a \u{a0}", END),
    hostile("spaces in bold", HEAD, "<b> </b>", END),
    hostile("no-break spaces in bold", HEAD, "<b>&nbsp;</b>", END),
    hostile("spaces in blocks", HEAD, "<p>&nbsp;</p>", END),
    hostile("spaces and breaks", HEAD, " <br> ", END),
    hostile("spaces and comments", HEAD, " <!-- -->", END),
    hostile("no-break spaces and comments", HEAD, "&nbsp;<!-- -->", END),
    hostile(
        "spaces after a text",
        "<html><body><p>A long text. A long text. A long text. A long text. A long text. A long text. A long text.</p>",
        "\u{a0}\n",
        "</body></html>",
    ),
    hostile(
        "spaces in a title",
        "<html><head><title>A",
        "\u{a0}",
        "B</title></head><body><p>A</p></body></html>",
    ),
    hostile(
        "spaces in an attribute",
        "<html><body><p class='a",
        "\u{a0} ",
        "'>A</p></body></html>",
    ),
    hostile("spaces preserved", "<html><body><pre>A", " \n", "B</pre></body></html>"),
    // Depth.
    hostile("blocks opened", HEAD, "<div>", ""),
    hostile("blocks opened with text", HEAD, "<div>A lamp, ", ""),
    hostile(
        "blocks opened with paragraphs",
        HEAD,
        "<div><p>The lamp of the harbour, lit again, and so on.</p>",
        "",
    ),
    hostile("sections opened", HEAD, "<section class='content'>", ""),
    hostile("lines opened", HEAD, "<span>", ""),
    hostile("lines opened with text", HEAD, "<span>A, ", ""),
    hostile("quotes opened", HEAD, "<blockquote>A, b", ""),
    hostile("unknown elements opened", HEAD, "<x-a>A", ""),
    hostile("unknown elements of new names opened", HEAD, "<x{n}>A", ""),
    hostile("elements of old frames", HEAD, "<frameset><frame>", ""),
    hostile("tables in tables", HEAD, "<table><tr><td>", ""),
    hostile(
        "tables in tables with text",
        HEAD,
        "<table><tr><td>A lamp, lit again, and so on, for years.",
        "",
    ),
    hostile("tables in tables without rows", HEAD, "<table>", ""),
    hostile("blocks in tables", HEAD, "<table><div>", ""),
    hostile("blocks closed in tables", HEAD, "<div><table></div>", ""),
    hostile("rows in blocks", HEAD, "<table><tr><td><div>A</table>", END),
    hostile("lists in lists", HEAD, "<ul><li>A", ""),
    hostile("lists in lists, closed", HEAD, "<ul><li><a href='/{n}'>A</a></ul>", END),
    hostile("definitions in definitions", HEAD, "<dl><dt>A<dd>B", ""),
    hostile("buttons", HEAD, "<button>", ""),
    hostile("buttons with paragraphs", HEAD, "<button><p>A", ""),
    hostile("choices", HEAD, "<select><option>", ""),
    hostile("choices of one", HEAD, "<option>A", ""),
    hostile("groups of choices", "<html><body><select>", "<optgroup><option>A", ""),
    hostile("templates", HEAD, "<template>", ""),
    hostile("templates with rows", HEAD, "<template><tr><td>A", ""),
    hostile("drawings", HEAD, "<svg>", ""),
    hostile("drawings of groups", "<html><body><svg>", "<g>", ""),
    hostile("drawings of links", "<html><body><svg>", "<a>", ""),
    hostile("drawings of rows", "<html><body><svg>", "<tr>", ""),
    hostile("drawings with text", HEAD, "<svg><foreignObject><p>A", ""),
    hostile("drawings with titles", HEAD, "<svg><title><p>A", ""),
    hostile("formulas", HEAD, "<math>", ""),
    hostile("formulas of rows", "<html><body><math>", "<tr>", ""),
    hostile("formulas of links", "<html><body><math>", "<a>A", ""),
    hostile("formulas of columns", "<html><body><div>A<math>", "<col>", ""),
    hostile("formulas of words", HEAD, "<math><mi><p>A", ""),
    hostile("formulas and drawings", HEAD, "<math><annotation-xml><svg><desc>", ""),
    hostile("applets", HEAD, "<applet><p>", ""),
    hostile("markers", HEAD, "<object><b>", ""),
    hostile("ruby", HEAD, "<ruby><rt>A", ""),
    // Formatting elements.
    hostile("bold opened", HEAD, "<b>", ""),
    hostile("bold of new sorts", HEAD, "<b x={n}>", ""),
    hostile("bold in paragraphs", HEAD, "<p><b x={n}>A", ""),
    hostile("bold, paragraphs, bold closed", HEAD, "<b><p>A</b>", ""),
    hostile("bold and italics crossed", HEAD, "<b><i>A</b>B</i>", END),
    hostile("links opened", HEAD, "<a href='/{n}'>A", ""),
    hostile("links and bold", HEAD, "<a><b>", ""),
    hostile("links in blocks crossed", HEAD, "<a href='/{n}'><div>A</a>", ""),
    hostile(
        "all formatting opened, in paragraphs",
        "<html><body><b><i><u><s><em><tt><big><code><small><strong><strike><font size=1><b x=1><i x=1><u x=1><s x=1><em x=1><tt x=1><big x=1>",
        "<p>A",
        "",
    ),
    hostile(
        "all formatting opened, in cells",
        "<html><body><b><i><u><s><em><tt><big><code><small><strong><strike><font size=1><b x=1><i x=1><u x=1><s x=1>",
        "<table><td>A</table>",
        "",
    ),
    hostile(
        "formatting with large attributes, in paragraphs",
        "<html><body><b class='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>",
        "<p>A",
        "",
    ),
    hostile("old fonts", HEAD, "<font color=red><p>A</font>", END),
    hostile("no breaks", HEAD, "<nobr>A", ""),
    hostile("paragraphs closed", HEAD, "</p>", END),
    hostile("breaks closed", HEAD, "</br>", END),
    hostile("unknown elements closed", HEAD, "</x>", END),
    hostile("blocks opened, others closed", HEAD, "<div></section>", ""),
    hostile("forms", HEAD, "<form>A</p>", ""),
    hostile("headings", HEAD, "<h1>A", ""),
    hostile("text in tables", "<html><body><table>", "A, b", "</table></body></html>"),
    hostile("bold in tables", "<html><body><table>", "<b>A</b>", "</table></body></html>"),
    hostile("paragraphs in tables", "<html><body><table>", "<p>A</p>", "</table></body></html>"),
    // Many elements.
    hostile("breaks", HEAD, "<br>", END),
    hostile("breaks in pairs and text", HEAD, "A, b<br><br>", END),
    hostile("breaks and text", HEAD, "A<br>", END),
    hostile("breaks and comments", HEAD, "<br><!---->", END),
    hostile("rules", HEAD, "<hr>", END),
    hostile("pictures", HEAD, "<img>", END),
    hostile("pictures of an address", HEAD, "<img src=a.jpg>", END),
    hostile(
        "pictures without scripts",
        HEAD,
        "<img src=a><noscript><img src=b.jpg></noscript>",
        END,
    ),
    hostile("pictures to come", HEAD, "<img class=lazy data-src='a.jpg 1' x='b.png'>", END),
    hostile(
        "pictures inside",
        HEAD,
        "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='>",
        END,
    ),
    hostile(
        "a picture inside",
        "<html><body><p>A</p><img src='data:image/png;base64,",
        "iVBORw0KGgo",
        "'></body></html>",
    ),
    hostile("figures", HEAD, "<figure><img src=a.jpg><figcaption>A</figcaption></figure>", END),
    hostile("paragraphs of one letter", HEAD, "<p>A", END),
    hostile("paragraphs of nothing", HEAD, "<p></p>", END),
    hostile("blocks of nothing", HEAD, "<div></div>", END),
    hostile("blocks of one letter", HEAD, "<div>a</div>", END),
    hostile(
        "blocks of one paragraph",
        HEAD,
        "<div><p>The lamp of the harbour, lit again, and so on.</p></div>",
        END,
    ),
    hostile(
        "blocks of two paragraphs",
        HEAD,
        "<div><p>The lamp of the harbour, lit again, and so on.</p><p>The lamp of the harbour, lit again, and so on.</p></div>",
        END,
    ),
    hostile(
        "blocks of a class",
        HEAD,
        "<div class='content article'><p>The lamp of the harbour, lit again, and so on.</p><p>A</p></div>",
        END,
    ),
    hostile(
        "blocks of a class that is left out",
        HEAD,
        "<div class='sidebar comment ad-break'><p>The lamp of the harbour, lit again, and so on.</p></div>",
        END,
    ),
    hostile("paragraphs", HEAD, TEXT, END),
    hostile("paragraphs beside each other in the body", "<html><body>", TEXT, "</body></html>"),
    hostile(
        "paragraphs of links",
        HEAD,
        "<p><a href='/{n}'>The lamp of the harbour, lit again, and so on.</a></p>",
        END,
    ),
    hostile("links", HEAD, "<a href='/{n}'>A</a>", END),
    hostile("links of scripts", HEAD, "<a href='javascript:a()'>A<b>b</b></a>", END),
    hostile("links without address", HEAD, "<a>A, b</a> ", END),
    hostile("links within the page", HEAD, "<p>A<a href='#{n}'>1</a>", END),
    hostile("links of pictures", HEAD, "<a href='/{n}'><img src=a></a>", END),
    hostile(
        "items",
        "<html><body><ul>",
        "<li>The lamp of the harbour, lit again, and so on.",
        "</ul></body></html>",
    ),
    hostile(
        "items of links",
        "<html><body><ul>",
        "<li><a href='/{n}'>A</a>",
        "</ul></body></html>",
    ),
    hostile("cells", "<html><body><table><tr>", "<td>A", "</table></body></html>"),
    hostile("rows", "<html><body><table>", "<tr><td>A<td>B, c", "</table></body></html>"),
    hostile("tables of one cell", HEAD, "<table><tr><td>A</table>", END),
    hostile("tables of many cells in tables", HEAD, "<table><tr><td>A<td>B<tr><td>C<td>", ""),
    hostile("headings of nothing", HEAD, "<h2></h2>", END),
    hostile("headings that are not the title", HEAD, "<h2>Lamps were never so dark</h2>", END),
    hostile(
        "headings of a long title",
        "<html><head><title>The lamp of the harbour was lit again as it had been for two hundred years and ships came home one after the other: the lamp of the harbour was lit again as it had been for two hundred years and ships came home one after the other</title></head><body>",
        "<h2>x y</h2>",
        "</body></html>",
    ),
    hostile("names of writers", HEAD, "<p class=byline></p>", END),
    hostile("quotes", HEAD, "<blockquote>A, b, c</blockquote>", END),
    hostile("letters in elements of their own", HEAD, "<span>a</span>", END),
    hostile(
        "letters in elements of their own, in paragraphs",
        HEAD,
        "<p><span>a</span>, <i>b</i>",
        END,
    ),
    hostile(
        "things embedded",
        HEAD,
        "<iframe src='//youtube.com/'></iframe><object data=a>b</object><embed src=c>",
        END,
    ),
    hostile("things embedded in each other", HEAD, "<object><embed src=a>", ""),
    hostile("what is hidden", HEAD, "<p hidden>A<p style='display:none'>B", END),
    hostile("fields of forms", HEAD, "<input><textarea>a</textarea><label>b</label>", END),
    hostile("fields in blocks", HEAD, "<div><input>", ""),
    hostile("shares", HEAD, "<div class='share'>The lamp of the harbour, lit again", ""),
    hostile("classes and depth", HEAD, "<div class='sidebar'><div id='content'>", ""),
    hostile(
        "lists of headings in depth",
        HEAD,
        "<ul><li><h2>A, b</h2><p>The lamp of the harbour, lit again, and so on.",
        "",
    ),
    hostile("frames", HEAD, "<fieldset><p>The lamp of the harbour, lit again, and so on.</p>", ""),
    // Attributes.
    hostile("attributes", "<html><body><p ", "a{n} ", ">A</p></body></html>"),
    hostile(
        "attributes of each element",
        HEAD,
        "<p a b c d e f g h i j k l m n o p q r s t u v w x y z>",
        END,
    ),
    hostile("an attribute", "<html><body><p title='", "b", "'>A</p></body></html>"),
    hostile("a class", "<html><body><p class='", "b", "'>A</p></body></html>"),
    hostile("classes", "<html><body><p class='", "b{n} ", "'>A</p></body></html>"),
    hostile("a style", "<html><body><p style='", "display:", "'>A</p></body></html>"),
    hostile("an address", "<html><body><p>A<a href='", "b", "'>A<b>b</b>c</a></p></body></html>"),
    hostile(
        "addresses of pictures",
        "<html><body><img srcset='",
        "a 1x,",
        "'><p>A</p></body></html>",
    ),
    hostile(
        "a link around all",
        "<html><body><a href='/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>",
        "<i>a</i><time datetime=2026-11-03></time>",
        "</a></body></html>",
    ),
    hostile("quotes unclosed", HEAD, "<a b=\"", END),
    hostile("tags unclosed", HEAD, "<a ", END),
    hostile("signs", HEAD, "<", END),
    hostile("ampersands", HEAD, "&", END),
    hostile("references", HEAD, "&amp;", END),
    hostile("references by name, long", HEAD, "&CounterClockwiseContourIntegral", END),
    hostile("references by number", HEAD, "&#x1F600;", END),
    hostile("halves of characters", HEAD, "&#xD800;", END),
    // Comments, sections, scripts.
    hostile("comments", HEAD, "<!---->", END),
    hostile("comments unclosed", HEAD, "<!--", END),
    hostile("a comment", "<html><body><p>A</p><!--", "a-", "--></body></html>"),
    hostile("sections", HEAD, "<![CDATA[a]]>", END),
    hostile("sections unclosed", "<html><body><svg>", "<![CDATA[", ""),
    hostile("instructions", HEAD, "<?a>", END),
    hostile("doctypes", HEAD, "<!DOCTYPE html>", END),
    hostile("scripts", HEAD, "<script>a</script>", END),
    hostile("scripts unclosed", HEAD, "<script><!--<script>", END),
    hostile("styles", HEAD, "<style>a</style>", END),
    hostile("noscript", HEAD, "<noscript><p>A, b</noscript>", END),
    hostile("text areas", HEAD, "<textarea>a</x", END),
    hostile("plain text", HEAD, "<plaintext>a", END),
    hostile(
        "a script of data",
        "<html><head><script type='application/ld+json'>{\"@context\":\"https://schema.org\",\"@type\":\"Article\",\"name\":\"A\",\"a\":[",
        "{\"@type\":\"b\",\"name\":\"c\"},",
        "0]}</script></head><body><p>A</p></body></html>",
    ),
    hostile(
        "a script of nested data",
        "<html><head><script type='application/ld+json'>",
        "[",
        "</script></head><body><p>A</p></body></html>",
    ),
    hostile(
        "a script of a list of data",
        "<html><head><script type='application/ld+json'>[",
        "{\"@type\":\"b\",\"name\":\"c\"},",
        "0]</script></head><body><p>A</p></body></html>",
    ),
    hostile(
        "a script of nested objects",
        "<html><head><script type='application/ld+json'>",
        "{\"a\":",
        "</script></head><body><p>A</p></body></html>",
    ),
    hostile(
        "a script of text",
        "<html><head><script type='application/ld+json'>{\"@context\":\"https://schema.org\",\"@type\":\"Article\",\"name\":\"",
        "\\u0041",
        "\",\"headline\":\"A b\"}</script></head><body><h1>A c</h1></body></html>",
    ),
    hostile(
        "scripts of data",
        "<html><head>",
        "<script type='application/ld+json'>{\"@type\":\"Article\",\"name\":\"{n}\"}</script>",
        "</head><body><p>A</p></body></html>",
    ),
    // Heads.
    hostile(
        "a title",
        "<html><head><title>",
        "A lamp ",
        "</title></head><body><h1>A</h1><h2>B</h2></body></html>",
    ),
    hostile(
        "a title of separators",
        "<html><head><title>",
        "A | ",
        "</title></head><body><h1>A</h1><h2>B</h2></body></html>",
    ),
    hostile(
        "a title of colons",
        "<html><head><title>",
        "A: ",
        "</title></head><body><h1>A</h1><h2>B</h2></body></html>",
    ),
    hostile("titles", "<html><head>", "<title>A</title>", "</head><body><p>A</p></body></html>"),
    hostile(
        "a title that is configured",
        "<html><head><meta property='og:title' content='",
        "A lamp ",
        "'></head><body><h1>A</h1><h2>B</h2></body></html>",
    ),
    hostile(
        "configured selectors",
        "<html><head>",
        "<meta property='og:title og:title og:title' content='{n}'>",
        "</head><body><p>A</p></body></html>",
    ),
    hostile(
        "properties",
        "<html><head><meta content=a property='",
        "og:title{n} ",
        "'></head><body><p>A</p></body></html>",
    ),
    hostile(
        "icons",
        "<html><head>",
        "<link rel=icon href={n} sizes=16x16>",
        "</head><body><p>A</p></body></html>",
    ),
    hostile(
        "bases",
        "<html><head>",
        "<base href=/{n}/>",
        "</head><body><a href=b>A</a></body></html>",
    ),
    hostile("bodies", "<html>", "<body a{n}>", "<p>A</p></body></html>"),
    hostile("documents", "", "<html a{n}><head></head><body b{n}>", ""),
    // Text.
    hostile("a word", "<html><body><p>", "a", "</p></body></html>"),
    hostile("a word in blocks", "<html><body><div><div><p>", "a", "</p></div></div></body></html>"),
    hostile("commas", "<html><body><p>", ",", "</p></body></html>"),
    hostile("commas of all sorts", "<html><body><p>", "a،、，﹐", "</p></body></html>"),
    hostile("sentences", "<html><body><p>", "A lamp. ", "</p></body></html>"),
    hostile("colons", HEAD, "<p>A: b</p>", END),
    hostile("questions", HEAD, "<p>Question: a {n}?</p><p>Keeper {n}: b</p>", END),
    hostile("a question", "<html><body><p>Question: ", "A: ", "</p></body></html>"),
    hostile("dates", HEAD, "<p>3 November 2026</p>", END),
    hostile("dates in a line", "<html><body><p>", "3 November 2026 ", "</p></body></html>"),
    hostile("digits", "<html><body><p>", "9", "</p></body></html>"),
    hostile("digits and points", "<html><body><p>", "9.9/", "</p></body></html>"),
    hostile(
        "marks of direction",
        "<html><body><p>A",
        "\u{200f}\u{202e}\u{2066}",
        "B</p></body></html>",
    ),
    hostile("characters that combine", "<html><body><p>A", "\u{301}", "B</p></body></html>"),
    hostile(
        "characters that combine, two sorts",
        "<html><body><p>A",
        "\u{301}\u{316}",
        "B</p></body></html>",
    ),
    hostile(
        "characters that combine, in the title",
        "<html><head><title>A",
        "\u{301}\u{316}",
        "</title></head><body><h1>A</h1></body></html>",
    ),
    hostile("pictures of people", "<html><body><p>", "\u{1f468}\u{200d}", "</p></body></html>"),
    hostile("flags", "<html><body><p>", "\u{1f1e9}", "</p></body></html>"),
    hostile("letters that grow in lower case", "<html><body><p>", "\u{130}", "</p></body></html>"),
    hostile("sigmas", "<html><body><p>", "\u{3a3}", "</p></body></html>"),
    hostile("zeros", HEAD, "\0", END),
    hostile("parts missing", HEAD, "<p>A\u{fdd0}", END),
    hostile("plain text of lines", "", "A lamp\n", ""),
    hostile("plain text of paragraphs", "", "A lamp\n\n", ""),
    hostile("plain text of blanks", "A", " ", "b"),
    hostile("plain text of columns", "A", "    b", ""),
];

/// All pages by name, some of them with random pieces.
pub(super) fn all() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    for page in PAGES {
        all.push((page.name.to_owned(), Box::new(|bytes| page.text(bytes).into_bytes())));
    }
    // 100,000 headings, each of which is compared with a title, both as long as possible.
    all.push((
        "a long title and headings".to_owned(),
        Box::new(|bytes| {
            let title = "lamp light ".repeat(bytes / 22);
            let headings = "<h2>x y</h2>".repeat(bytes / 24);
            format!("<title>{title}</title>{headings}").into_bytes()
        }),
    ));
    all.push((
        "a long class in depth".to_owned(),
        Box::new(|bytes| {
            let class = "side bar ".repeat(bytes / 512 / 9);
            format!("<div class='{class}'><p>A lamp, a light.").repeat(256).into_bytes()
        }),
    ));
    all.push((
        "an address of a megabyte, linked by each line".to_owned(),
        Box::new(|bytes| {
            let pieces = "<i>a</i><time datetime=2026-11-03></time><br>".repeat(bytes / 2 / 46);
            format!("<a href='/{}'>{pieces}</a>", "a".repeat(bytes / 2)).into_bytes()
        }),
    ));
    all.push((
        "a base of a megabyte and links".to_owned(),
        Box::new(|bytes| {
            let links = "<a href=a>a</a> ".repeat(bytes / 2 / 16);
            format!("<base href='/{}/'>{links}", "a".repeat(bytes / 2)).into_bytes()
        }),
    ));
    all.extend(nested());
    for seed in 0..24 {
        all.push((
            format!("pieces by chance {seed}"),
            Box::new(move |bytes| by_chance(seed, bytes)),
        ));
    }
    all
}

/// Pages that are nested as deeply as extraction allows.
fn nested() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    all.push((
        "text in as many blocks as there may be".to_owned(),
        Box::new(|bytes| {
            let text = "The lamp, lit again. ".repeat(bytes / 21);
            format!("{}<p>{text}", "<div><section>".repeat(120)).into_bytes()
        }),
    ));
    all.push((
        "many paragraphs in as many blocks as there may be".to_owned(),
        Box::new(|bytes| {
            let text = TEXT.repeat(bytes / TEXT.len());
            format!("{}{text}", "<div><section>".repeat(120)).into_bytes()
        }),
    ));
    all.push((
        "letters in as many blocks as there may be".to_owned(),
        Box::new(|bytes| {
            let text = "<i>a</i>,".repeat(bytes / 9);
            format!("{}{text}", "<div><ul><li>".repeat(100)).into_bytes()
        }),
    ));
    all.push((
        "blocks as deep as may be, again and again".to_owned(),
        Box::new(|bytes| {
            let one = format!("{}A, b, c.{}", "<div>".repeat(100), "</div>".repeat(100));
            one.repeat(bytes / one.len()).into_bytes()
        }),
    ));
    all.push((
        "tables as deep as may be, again and again".to_owned(),
        Box::new(|bytes| {
            let one = format!("{}A, b, c.{}", "<table><tr><td>".repeat(60), "</table>".repeat(60));
            one.repeat(bytes / one.len()).into_bytes()
        }),
    ));
    all.push((
        "lists as deep as may be, again and again".to_owned(),
        Box::new(|bytes| {
            let one = format!(
                "{}A, b, c.{}",
                "<ul><li>a<p>The lamp, lit again, and so on and on".repeat(60),
                "</ul>".repeat(60)
            );
            one.repeat(bytes / one.len()).into_bytes()
        }),
    ));
    all
}

/// A page of random pieces, some of which are drawn much more often than others.
fn by_chance(seed: u64, bytes: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let pieces: Vec<&str> = PAGES.iter().map(|page| page.piece).collect();
    let mut few: Vec<&str> =
        (0..rng.usize(2..7)).map(|_| pieces[rng.usize(..pieces.len())]).collect();
    few.push(TEXT);
    few.push("</div>");
    few.push("</table>");
    let mut made = HEAD.to_owned();
    let most = rng.usize(..few.len());
    while made.len() < bytes {
        let n = if rng.bool() { most } else { rng.usize(..few.len()) };
        made.push_str(&few[n].replace("{n}", "7"));
    }
    let end = made.floor_char_boundary(bytes);
    made.truncate(end);
    made.into_bytes()
}
