//! XML that is made to grow or to be deep.

use crate::victim::{ALICE, Victim, status};

#[tokio::test]
async fn bombs_and_deep_documents_are_refused() {
    let victim = Victim::new().await;
    let lol: String =
        (1..9).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let bomb = format!(
        "<!DOCTYPE a [<!ENTITY l0 \"lol\">{lol}]><propfind xmlns=\"DAV:\"><prop><a>&l8;</a></prop></propfind>"
    );
    let outside =
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><propfind xmlns=\"DAV:\">&x;</propfind>";
    let deep = "<a>".repeat(200_000);
    let closed = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let wide = format!("<propfind xmlns=\"DAV:\"><prop>{}</prop></propfind>", "<a/>".repeat(200_000));
    let long = format!("<propfind xmlns=\"DAV:\">{}</propfind>", " ".repeat(3_000_000));
    let attributes = format!("<a {}/>", (0..200_000).map(|n| format!("a{n}=\"\" ")).collect::<String>());
    for method in ["PROPFIND", "PROPPATCH", "REPORT"] {
        for body in [&bomb, outside, &deep, &closed, &wide, &long, &attributes] {
            let head =
                format!("{method} /remote.php/webdav HTTP/1.1\r\nhost: x\r\n{ALICE}connection: close\r\n");
            let answer = victim.raw(format!("{head}content-length: {}\r\n\r\n{body}", body.len())).await;
            let refused = matches!(status(&answer), 400..500);
            assert!(refused, "{method} {}…: {answer}", &body[..20]);
            assert!(!answer.contains("lollol") && !answer.contains("root:"), "{answer}");
        }
        victim.others_are_well().await;
    }
}
