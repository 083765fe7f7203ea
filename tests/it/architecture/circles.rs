//! No two files of `src` use each other, directly or through other files.
//!
//! A file uses another one if a `use` or a path in its code leads to it, also through the `pub use`
//! of a third one. `mod` lines, `pub use` itself and `#[cfg(test)] mod tests` do not count: a
//! `mod.rs` may declare its children and re-export what they define.
//!
//! Out of scope: macros, methods, and names that come by a glob import.

use super::{SourceFile, files};
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
    sync::LazyLock,
};

/// A path of modules below the crate, empty for `lib.rs`.
type ModulePath = Vec<String>;

/// `use …;`, with its visibility and its tree.
static USE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^[ \t]*(pub(?:\([^)]*\))? )?use ([^;]+);").unwrap());
/// `a::b`, `a::b::c`, outside of a `use`.
static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\w+(?:::\w+)+").unwrap());
static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)//.*$").unwrap());

/// One leaf of a `use` tree.
struct Import {
    path: Vec<String>,
    alias: Option<String>,
}

/// The code of all files of `src`, by module.
struct Crate {
    code: BTreeMap<ModulePath, String>,
    /// What each module re-exports: the name there, and the path of what it names.
    exports: BTreeMap<ModulePath, BTreeMap<String, ModulePath>>,
}

impl Crate {
    fn new(files: &[SourceFile]) -> Self {
        let code: BTreeMap<ModulePath, String> = files
            .iter()
            .filter(|file| !file.path.ends_with("tests.rs") && !file.path.ends_with("main.rs"))
            .map(|file| (module(&file.path), code(&file.text)))
            .collect();
        let mut found = Crate { code, exports: BTreeMap::new() };
        let exports = |(module, code): (&ModulePath, &String)| {
            (module.clone(), found.exports_of(module, code))
        };
        found.exports = found.code.iter().map(exports).collect();
        found
    }

    fn exports_of(&self, module: &[String], code: &str) -> BTreeMap<String, ModulePath> {
        let mut exports = BTreeMap::new();
        for re_export in USE.captures_iter(code).filter(|found| found.get(1).is_some()) {
            for import in imports(&re_export[2]) {
                if let Some(path) = self.absolute(&import.path, module) {
                    let name = import.alias.or_else(|| path.last().cloned());
                    exports.insert(name.unwrap_or_default(), path);
                }
            }
        }
        exports
    }

    /// Returns a path as seen from the crate, or nothing if it leads out of it.
    fn absolute(&self, path: &[String], module: &[String]) -> Option<ModulePath> {
        let path = match path.last().map(String::as_str) {
            Some("self" | "*") => &path[..path.len() - 1],
            _ => path,
        };
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" | "communique" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let parent = module.get(..module.len().checked_sub(ups)?)?;
                Some([parent, &path[ups..]].concat())
            }
            _ => {
                let child = [module, std::slice::from_ref(first)].concat();
                self.code.contains_key(&child).then(|| [module, path].concat())
            }
        }
    }

    /// Returns the module that defines what an absolute path names.
    fn definition(&self, path: &[String]) -> Option<ModulePath> {
        let mut path = path.to_vec();
        // A chain of re-exports is finite unless it is a circle, which does not compile.
        for _ in 0..self.code.len() {
            let length = (0..=path.len()).rev().find(|n| self.code.contains_key(&path[..*n]))?;
            let (module, rest) = path.split_at(length);
            let Some((name, below)) = rest.split_first() else { return Some(path) };
            match self.exports[module].get(name) {
                Some(target) => path = [target, below].concat(),
                None => return Some(module.to_vec()),
            }
        }
        None
    }

    /// Returns the modules that a module uses.
    fn used_by(&self, module: &ModulePath) -> BTreeSet<ModulePath> {
        let code = &self.code[module];
        let mut paths = Vec::new();
        for found in USE.captures_iter(code).filter(|found| found.get(1).is_none()) {
            paths.extend(imports(&found[2]).into_iter().map(|import| import.path));
        }
        let rest = USE.replace_all(code, "");
        for found in PATH.find_iter(&rest) {
            // `$crate::a` and the end of `<T as A>::b::c` are not paths from here.
            if !rest[..found.start()].ends_with([':', '$', '.']) {
                paths.push(found.as_str().split("::").map(str::to_owned).collect());
            }
        }
        paths
            .iter()
            .filter_map(|path| self.definition(&self.absolute(path, module)?))
            .filter(|used| used != module)
            .collect()
    }
}

/// The module of a file: `src/a/mod.rs` and `src/a.rs` are `a`, `src/lib.rs` is the crate.
fn module(path: &Path) -> ModulePath {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let mut parts: ModulePath =
        path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts == ["lib"] {
        parts.pop();
    }
    parts
}

/// Returns a text without its comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    COMMENT.replace_all(text, "").into_owned()
}

/// Returns the leaves of a `use` tree such as `a::{b, c::{self, d as e}}`.
fn imports(tree: &str) -> Vec<Import> {
    let Some((prefix, branches)) = tree.trim().split_once('{') else {
        let (path, alias) = match tree.split_once(" as ") {
            Some((path, alias)) => (path, Some(alias.trim().to_owned())),
            None => (tree, None),
        };
        return vec![Import { path: parts(path), alias }];
    };
    let branches = branches.trim_end().strip_suffix('}').unwrap();
    let mut found = Vec::new();
    for branch in branches_of(branches) {
        for Import { path, alias } in imports(branch) {
            found.push(Import { path: [parts(prefix), path].concat(), alias });
        }
    }
    found
}

/// Splits the inside of braces at the commas that are in no further braces.
fn branches_of(text: &str) -> Vec<&str> {
    let mut depth = 0;
    text.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .filter(|branch| !branch.trim().is_empty())
    .collect()
}

fn parts(path: &str) -> Vec<String> {
    path.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Returns everything that can be reached from a module, by uses of uses.
fn reachable(
    from: &ModulePath,
    uses: &BTreeMap<ModulePath, BTreeSet<ModulePath>>,
) -> BTreeSet<ModulePath> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        open.extend(uses[module].iter().filter(|used| seen.insert((*used).clone())));
    }
    seen
}

/// Returns the circles among the files: each with its members, and whom of them each one uses.
fn circles(files: &[SourceFile]) -> Vec<String> {
    let found = Crate::new(files);
    let uses: BTreeMap<ModulePath, BTreeSet<ModulePath>> =
        found.code.keys().map(|module| (module.clone(), found.used_by(module))).collect();
    let reached: BTreeMap<&ModulePath, BTreeSet<ModulePath>> =
        uses.keys().map(|module| (module, reachable(module, &uses))).collect();
    let mut circles = BTreeSet::new();
    for (module, reaches) in &reached {
        let members: BTreeSet<&ModulePath> =
            reaches.iter().filter(|other| reached[other].contains(*module)).collect();
        if !members.is_empty() {
            circles.insert(members);
        }
    }
    circles.iter().map(|members| describe(members, &uses)).collect()
}

fn describe(
    members: &BTreeSet<&ModulePath>,
    uses: &BTreeMap<ModulePath, BTreeSet<ModulePath>>,
) -> String {
    let name = |module: &ModulePath| match module.is_empty() {
        true => "lib".to_owned(),
        false => module.join("/"),
    };
    let mut text = format!("a circle of {} files:\n", members.len());
    for member in members {
        let used: Vec<String> =
            uses[*member].iter().filter(|used| members.contains(used)).map(name).collect();
        writeln!(text, "    {} uses {}", name(member), used.join(", ")).unwrap();
    }
    text
}

#[test]
fn no_file_is_used_by_one_that_it_uses() {
    let circles = circles(&files("src", &["rs"]));
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn circles_are_found_through_re_exports_only_where_they_are() {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.to_owned() };
    // `a` declares and re-exports its child, which is no use; the child uses it through `b`.
    let files = [
        file("src/lib.rs", "mod a;\nmod b;\n"),
        file("src/a/mod.rs", "mod child;\npub use child::{One, Two as Three};\n"),
        file("src/a/child.rs", "use crate::b::{self, run};\n"),
        file(
            "src/b.rs",
            "// use crate::a::Three;\n#[cfg(test)]\nmod tests {\n    use crate::a::One;\n}\n",
        ),
    ];
    assert_eq!(circles(&files), [] as [&str; 0]);
    let used = |text| {
        let [lib, a, child, _] = &files;
        let again = |f: &SourceFile| file(f.path.to_str().unwrap(), &f.text);
        circles(&[again(lib), again(a), again(child), file("src/b.rs", text)])
    };
    let expected = ["a circle of 2 files:\n    a/child uses b\n    b uses a/child\n"];
    assert_eq!(used("use crate::a::{\n    One,\n    Three,\n};\n"), expected);
    assert_eq!(used("fn run() {\n    super::a::Three::new()\n}\n"), expected);
    assert_eq!(used("use std::fmt;\npub use crate::a::Three;\n"), [] as [&str; 0]);
}
