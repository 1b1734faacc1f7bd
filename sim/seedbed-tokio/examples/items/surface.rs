//! The public items of a crate, as rustdoc's JSON tells them, with what it re-exports from others.

use crate::Result;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Traits whose implementations are items too: what a user of a type may rely on without having written it.
const TRAITS: [&str; 33] = [
    "AsFd",
    "AsRawFd",
    "AsRef",
    "AsyncBufRead",
    "AsyncRead",
    "AsyncSeek",
    "AsyncWrite",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Deref",
    "DerefMut",
    "Display",
    "Eq",
    "Error",
    "Extend",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "IntoIterator",
    "Into",
    "Iterator",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "RefUnwindSafe",
    "Send",
    "Sync",
    "TryFrom",
    "Unpin",
    "UnwindSafe",
];

/// Where an item is and what it is.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) module: String,
    /// The item of the module: a type with its members, a function, a macro.
    pub(crate) name: String,
    /// A method, a variant, a field, or `impl Trait`.
    pub(crate) member: Option<String>,
    /// Which one it is, whatever it is called; `None` of the standard library's.
    pub(crate) origin: Option<String>,
}

/// By path.
pub(crate) type Surface = BTreeMap<String, Item>;

pub(crate) struct Crates(BTreeMap<String, Value>);

/// An item of a crate.
#[derive(Clone, Copy)]
struct Place<'a> {
    of: &'a str,
    item: &'a Value,
}

impl Place<'_> {
    fn inner(&self) -> (&str, &Value) {
        let inner = self.item["inner"].as_object().and_then(|inner| inner.iter().next());
        inner.map_or(("", &Value::Null), |(kind, inner)| (kind, inner))
    }

    fn name(&self) -> &str {
        self.item["name"].as_str().unwrap_or_default()
    }
}

impl Crates {
    pub(crate) fn read(documents: &Path) -> Result<Self> {
        let read = |name: &str| -> Result<_> {
            let text = fs::read_to_string(documents.join(name).with_extension("json"))?;
            Ok((name.to_owned(), serde_json::from_str(&text)?))
        };
        Ok(Self(["tokio", "seedbed", "seedbed_tokio"].into_iter().map(read).collect::<Result<_>>()?))
    }

    pub(crate) fn surface(&self, name: &str) -> Result<Surface> {
        let mut surface = Surface::new();
        let (name, document) = self.0.get_key_value(name).ok_or("no such crate")?;
        let root = self.at(name, &document["root"]).ok_or("a crate without a root")?;
        self.walk(root, "", &mut BTreeSet::new(), &mut surface);
        Ok(surface)
    }

    fn at<'a>(&'a self, of: &'a str, id: &Value) -> Option<Place<'a>> {
        Some(Place { of, item: self.0.get(of)?["index"].get(id.to_string())? })
    }

    fn children<'a>(&'a self, of: &'a str, ids: &'a Value) -> impl Iterator<Item = Place<'a>> {
        ids.as_array().into_iter().flatten().filter_map(move |id| self.at(of, id))
    }

    /// All that is public in a module. `under`: modules around it, which a glob of a parent would enter for ever.
    fn walk(&self, module: Place<'_>, path: &str, under: &mut BTreeSet<String>, found: &mut Surface) {
        let id = format!("{} {}", module.of, module.item["id"]);
        if !under.insert(id.clone()) {
            return;
        }
        for child in self.children(module.of, &module.inner().1["items"]) {
            if child.item["visibility"] == "public" {
                self.add(child, child.name(), path, under, found);
            }
        }
        under.remove(&id);
    }

    fn add(&self, place: Place<'_>, name: &str, module: &str, under: &mut BTreeSet<String>, found: &mut Surface) {
        match place.inner() {
            ("module", _) => self.walk(place, &join(module, name), under, found),
            ("use", used) => {
                let name = used["name"].as_str().unwrap_or_default();
                let target = self.at(place.of, &used["id"]).or_else(|| self.by_path(used["source"].as_str()?));
                match target {
                    Some(target) if used["is_glob"] == true => self.walk(target, module, under, found),
                    Some(target) => self.add(target, name, module, under, found),
                    None => insert(found, module, name, None, None),
                }
            }
            ("impl", _) => {}
            _ => {
                let origin = format!("{} {}", place.of, place.item["id"]);
                insert(found, module, name, None, Some(origin.clone()));
                for member in self.members(place) {
                    insert(found, module, name, Some(&member), Some(format!("{origin} {member}")));
                }
            }
        }
    }

    /// What is named by a path from another crate.
    fn by_path(&self, path: &str) -> Option<Place<'_>> {
        let mut names = path.split("::");
        let name = names.next().map(|name| if name == "real_tokio" { "tokio" } else { name })?;
        let (name, document) = self.0.get_key_value(name)?;
        names.try_fold(self.at(name, &document["root"])?, |module, name| self.child(module, name))
    }

    fn child<'a>(&'a self, module: Place<'a>, name: &str) -> Option<Place<'a>> {
        let children = || self.children(module.of, &module.item["inner"]["module"]["items"]);
        let own = children().find(|child| child.name() == name);
        own.or_else(|| children().find_map(|child| self.used_as(child, name)))
    }

    fn used_as<'a>(&'a self, place: Place<'a>, name: &str) -> Option<Place<'a>> {
        let used = place.item["inner"].get("use")?;
        let target = || self.at(place.of, &used["id"]).or_else(|| self.by_path(used["source"].as_str()?));
        if used["is_glob"] == true {
            return self.child(target()?, name);
        }
        (used["name"] == name).then(target)?
    }

    /// A type's methods, variants and fields, and its implementations of well-known traits.
    fn members(&self, place: Place<'_>) -> BTreeSet<String> {
        let (kind, inner) = place.inner();
        let mut members = BTreeSet::new();
        let mut name_all =
            |ids: &Value| members.extend(self.children(place.of, ids).map(|child| child.name().to_owned()));
        match kind {
            "enum" => name_all(&inner["variants"]),
            "struct" => name_all(&inner["kind"]["plain"]["fields"]),
            "trait" => name_all(&inner["items"]),
            _ => {}
        }
        if kind == "trait" {
            return members;
        }
        for implementation in self.children(place.of, &inner["impls"]) {
            let (_, implementation) = (implementation.name(), &implementation.item["inner"]["impl"]);
            if implementation["trait"].is_null() {
                let items = self.children(place.of, &implementation["items"]);
                let public = items.filter(|item| item.item["visibility"] == "public");
                members.extend(public.map(|item| item.name().to_owned()));
            } else if implementation["blanket_impl"].is_null() && implementation["is_negative"] == false {
                members.extend(trait_name(&implementation["trait"]));
            }
        }
        members
    }
}

fn insert(found: &mut Surface, module: &str, name: &str, member: Option<&str>, origin: Option<String>) {
    let path = join(&join(module, name), member.unwrap_or_default());
    let member = member.map(str::to_owned);
    found.insert(path, Item { module: module.to_owned(), name: name.to_owned(), member, origin });
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() || name.is_empty() { format!("{path}{name}") } else { format!("{path}::{name}") }
}

/// `impl From<JoinError>`, of a trait that counts.
fn trait_name(implemented: &Value) -> Option<String> {
    let name = last_name(implemented["path"].as_str()?);
    let arguments = implemented["args"]["angle_bracketed"]["args"].as_array();
    let types: Vec<_> =
        arguments.into_iter().flatten().filter_map(|argument| type_name(argument.get("type")?)).collect();
    // Of these the argument says what is converted; of others it is the type itself.
    let of = if ["AsRef", "From", "Into", "TryFrom"].contains(&name) {
        format!("<{}>", types.join(", "))
    } else {
        String::new()
    };
    TRAITS.contains(&name).then(|| format!("impl {name}{of}"))
}

fn type_name(of: &Value) -> Option<String> {
    let (kind, inner) = of.as_object()?.iter().next()?;
    match kind.as_str() {
        "resolved_path" => Some(last_name(inner["path"].as_str()?).to_owned()),
        "primitive" | "generic" => Some(inner.as_str()?.to_owned()),
        "borrowed_ref" => Some(format!("&{}", type_name(&inner["type"])?)),
        _ => Some("..".to_owned()),
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}
