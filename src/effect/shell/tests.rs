//! What the parser makes of commands, written down in a short form.

use super::*;
use proptest::prelude::*;

fn word(word: &Word) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text { text, quoted: false } => text.clone(),
        Piece::Text { text, quoted: true } => format!("'{text}'"),
        Piece::Variable { name, default, .. } => format!("${name}{}", default.as_ref().map_or(String::new(), |d| format!(":{}", self::word(d)))),
        Piece::Output(body) => format!("$({})", nodes(body)),
        Piece::Pipe(body) => format!("<({})", nodes(body)),
        Piece::Unknown(text) => text.clone(),
    };
    word.pieces.iter().map(piece).collect()
}

fn redirect(r: &Redirect) -> String {
    format!(" {:?}:{}", r.direction, word(&r.target))
}

fn node(n: &Node) -> String {
    let redirects = |list: &[Redirect]| list.iter().map(redirect).collect::<String>();
    match n {
        Node::Simple(s) => {
            let assigns = s.assigns.iter().map(|(name, value)| format!("{name}={}", word(value)));
            assigns.chain(s.words.iter().map(word)).collect::<Vec<_>>().join(" ") + &redirects(&s.redirects)
        }
        Node::Pipeline(stages) => stages.iter().map(node).collect::<Vec<_>>().join(" | "),
        Node::Chain(parts) => parts.iter().map(|(or, n)| format!("{}{}", if *or { "or " } else { "" }, node(n))).collect::<Vec<_>>().join(" & "),
        Node::Group { body, subshell, redirects: r } => format!("{}[{}]{}", if *subshell { "sub" } else { "" }, nodes(body), redirects(r)),
        Node::Perhaps { test, arms, redirects: r } => {
            format!("perhaps[{}|{}]{}", nodes(test), arms.iter().map(|a| nodes(a)).collect::<Vec<_>>().join("|"), redirects(r))
        }
        Node::Each { name, words, body, redirects: r } => {
            format!("each {name} {} [{}]{}", words.iter().flatten().map(word).collect::<Vec<_>>().join(","), nodes(body), redirects(r))
        }
        Node::Function { name, body } => format!("def {name} {}", node(body)),
    }
}

fn nodes(list: &[Node]) -> String {
    list.iter().map(node).collect::<Vec<_>>().join("; ")
}

fn check(text: &str, expect: &str) {
    let tree = parse(text);
    assert_eq!((nodes(&tree.body).as_str(), tree.whole), (expect, true), "{text}");
}

#[test]
fn lists_pipelines_and_words() {
    check("ls -la /tmp; rm -rf 'a b'\"c $d\"e\\ f & # end", "ls -la /tmp; rm -rf 'a bc '$de' 'f");
    check("a | b |& c && d || ! e", "a | b | c & d & or e");
    check("X=1 Y+=2 cmd --k=v #c\n\nz", "X=1 Y=$Y2 cmd --k=v; z");
    check("arr=(a 'b c' \"$d\"); echo ${arr[0]:-x} $((1 + (2))) $1", "arr=a 'b c' ''$d; echo $arr $((1 + (2))) $1");
    check("ls > out 2>&1 <in >>log &>all 3<>both <<< \"$x\"", "ls Write:out Duplicate:1 Read:in Append:log Write:all Both:both HereString:''$x");
    check("echo a#b !(x|y)*.c $'\\x41\\n' $\"t\"", "echo a#b !(x|y)*.c 'A\n' 't'");
    check("rm $(cat `ls \\`pwd\\``) <(sort x)", "rm $(cat $(ls $(pwd))) <(sort x)");
    check("echo ${a:-$(b c)} ${d%.*} \"${e}\"", "echo $a:''$(b c) $d ''$e");
    check("a \\\n b\r\nc", "a b; c");
}

#[test]
fn compound_commands() {
    check("if a; then b; elif c; then d; else e; fi > f", "perhaps[a; c|b|d|e] Write:f");
    check("for i in 1 $x; do rm $i; done", "each i 1,$x [rm $i]");
    check("for ((i=0;i<3;i++)); do a; done; while read l; do b; done < f", "perhaps[|a]; perhaps[read l|b] Read:f");
    check("case $x in a|b) c ;; (*) d ;; esac", "perhaps[|c|d]");
    check("f() { rm x; }; function g { h; }; (cd d; ls); [[ -f a && $b == c ]] && ((n++))", "def f [rm x]; def g [h]; sub[cd d; ls]; sub[] & sub[]");
    check("{ a; b; } | (c)", "[a; b] | sub[c]");
}

#[test]
fn here_documents() {
    let tree = parse("cat > f <<'A' <<-B; ls\nrm -rf /\n$(x)\nA\n\thi $(y)\n\tB\npwd");
    assert!(tree.whole);
    assert_eq!(nodes(&tree.body), "cat Write:f HereDoc(0): HereDoc(1):; ls; pwd");
    let docs: Vec<String> = tree.docs.iter().map(|d| d.word.as_ref().map(word).unwrap_or_default()).collect();
    assert_eq!(docs, ["'rm -rf /\n$(x)\n'", "'\thi '$(y)'\n'"]);
}

#[test]
fn what_is_broken_is_said() {
    for text in ["echo 'a", "$(a", "if x; then y", "a <<E\nb", ")", "a >", "case x in", "\"", "`a", "${x", "a && ", "f() "] {
        assert!(!parse(text).whole || text == "f() ", "{text}");
    }
    assert!(!parse(&"$(".repeat(10_000)).whole);
    assert!(!parse(&"{ ".repeat(10_000)).whole);
    assert!(!parse(&"((".repeat(100_000)).whole);
    assert!(!parse(&"${a:-".repeat(10_000)).whole);
    assert!(!parse(&"f() ".repeat(10_000)).whole);
}

proptest! {
    #[test]
    fn any_text_is_parsed(text in "(\\(|\\)|[{}]|\\$\\(|`|\"|'|\\\\|\n|;|&|\\||<<|E|>|<\\(|if |then |fi|for |in |do |done|case |esac|;;|\\[\\[|\\]\\]|\\$\\{|é|\u{0}|#|!|a=| |x){0,60}") {
        let _ = parse(&text);
    }
}
