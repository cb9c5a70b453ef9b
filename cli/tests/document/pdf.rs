//! The PDF: only in builds with the feature `pdf`.

use std::path::Path;

use crate::world::{arguments, files, folder, root, text, wide};

async fn warnings(manifest: &Path, out: &Path) -> Vec<String> {
    let outcome = arguments(manifest, out).run().await.unwrap();
    let lines = outcome.text.lines().filter(|l| l.starts_with("warning: "));
    lines.filter(|l| !l.contains("not looked at")).map(str::to_owned).collect()
}

#[tokio::test]
async fn forty_fields_long_urls_and_european_names_need_nothing_from_the_machine_and_stay_inside() {
    let manifest = wide("pdf-wide", "Ελληνική Компания Łódź Đặng Ångström", 40);
    let out = folder("pdf-wide-out");
    let warnings = warnings(&manifest, &out).await;
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(std::fs::read(out.join("api-manifest.pdf")).unwrap().starts_with(b"%PDF-"));
}

/// Whether this machine has a font for it or not: it is never silently unreadable.
#[tokio::test]
async fn other_scripts_are_borrowed_from_the_machine_or_warned_about() {
    let manifest = wide("pdf-scripts", "見本株式会社", 2);
    let warnings = warnings(&manifest, &folder("pdf-scripts-out")).await;
    let said = warnings.iter().any(|w| w.contains("fonts of this machine") || w.contains("見 (U+898B)"));
    assert!(said, "{warnings:?}");
}

/// Words that join their letters cannot be broken anywhere, and web addresses among them stay in order.
#[tokio::test]
async fn scripts_from_the_right_stay_inside() {
    let name = format!(
        "{} https://example.com/{} {}",
        "הגדרות".repeat(40),
        "long/".repeat(50),
        "إعدادات".repeat(40)
    );
    let manifest = wide("pdf-leftward", &name, 4);
    let warnings = warnings(&manifest, &folder("pdf-leftward-out")).await;
    assert!(!warnings.iter().any(|w| w.contains("over the edge")), "{warnings:?}");
}

#[tokio::test]
async fn a_character_that_no_font_has_is_named() {
    let manifest = wide("pdf-tofu", "Name \u{10fff0}", 2);
    let warnings = warnings(&manifest, &folder("pdf-tofu-out")).await;
    assert!(warnings.iter().any(|w| w.contains("U+10FFF0") && w.contains("--fonts")), "{warnings:?}");
}

#[tokio::test]
async fn no_text_of_the_manifest_becomes_markup() {
    let manifest = wide("pdf-markup", "#panic() $x$ *b* _i_ @ref <label> `raw` // /* \\\\u{41}", 2);
    let warnings = warnings(&manifest, &folder("pdf-markup-out")).await;
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[tokio::test]
async fn an_edited_pdf_is_noticed() {
    let out = crate::world::demo("pdf-edited").await;
    let mut bytes = std::fs::read(out.join("api-manifest.pdf")).unwrap();
    bytes.push(b'\n');
    std::fs::write(out.join("api-manifest.pdf"), bytes).unwrap();
    let outcome = crate::world::check(root().join("manifests/demo"), &out).await;
    assert!(outcome.text.contains("api-manifest.pdf: is not the file that was written"), "{}", outcome.text);
}

#[tokio::test]
async fn no_path_of_this_machine_is_in_any_file() {
    let out = crate::world::demo("pdf-paths").await;
    let here = env!("CARGO_MANIFEST_DIR");
    for (name, bytes) in files(&out) {
        assert!(!String::from_utf8_lossy(&bytes).contains(here), "{name}");
    }
    assert!(text(&out, "package.json").contains("\"pdf\": \""));
}
