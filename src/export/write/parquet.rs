//! Parquet beside JSONL: the rows of a shape with pinned columns, one column for each, for trainers that read nothing else.
//!
//! A list of objects is a list of JSON texts with the logical type JSON, which `datasets` (4.7 and later) reads as the objects they
//! are; messages that are nothing but role and content are a list of structures, as pandas and verl read them.

use crate::export::json::Json;
use crate::export::shapes::Shape;
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::Result;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::io::Write;
use std::sync::Arc;

/// Rows of a group.
const GROUP: usize = 1_000;

/// The values of one leaf column with the levels by which Parquet knows what is null and where a list begins.
#[derive(Default)]
struct Leaf {
    texts: Vec<ByteArray>,
    whole: Vec<i64>,
    real: Vec<f64>,
    flags: Vec<bool>,
    defined: Vec<i16>,
    repeated: Vec<i16>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Object,
    Whole,
    Real,
    Flag,
    Texts,
    Objects,
    Messages,
}

/// Tells whether a shape can be written.
#[must_use]
pub fn takes(shape: &Shape) -> bool {
    !shape.features.is_empty()
}

/// Writes rows; `masked` says that messages hold more than role and content.
pub fn write(shape: &Shape, masked: bool, mut rows: impl Iterator<Item = std::io::Result<String>>, to: &mut (impl Write + Send)) -> Result<()> {
    let columns: Vec<(&str, Kind)> = shape.features.iter().map(|(name, kind)| (*name, kind_of(shape, kind, masked))).collect();
    let schema = Arc::new(parse_message_type(&format!("message row {{ {} }}", columns.iter().map(declared).collect::<String>()))?);
    let features: Vec<(String, Json)> = columns.iter().map(|(name, kind)| ((*name).to_owned(), feature(*kind))).collect();
    let described = Json::object([("info", Json::object([("features", Json::Object(features))]))]).text();
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .set_created_by("ossia".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new("huggingface".to_owned(), described)]))
        .build();
    let mut writer = SerializedFileWriter::new(to, schema, Arc::new(properties))?;
    loop {
        let mut leaves: Vec<Vec<Leaf>> =
            columns.iter().map(|(_, kind)| vec![Leaf::default(), Leaf::default()].split_off(usize::from(*kind != Kind::Messages))).collect();
        let mut count = 0;
        for line in rows.by_ref().take(GROUP) {
            let row = Json::parse(&line?).map_err(parquet::errors::ParquetError::General)?;
            for ((name, kind), leaves) in columns.iter().zip(&mut leaves) {
                take(*kind, row.get(name).unwrap_or(&Json::Null), leaves);
            }
            count += 1;
        }
        if count == 0 {
            return writer.close().map(drop);
        }
        let mut group = writer.next_row_group()?;
        let mut leaves = leaves.into_iter().flatten();
        while let Some(mut column) = group.next_column()? {
            leaves.next().unwrap_or_default().write(column.untyped())?;
            column.close()?;
        }
        group.close()?;
    }
}

fn kind_of(shape: &Shape, kind: &str, masked: bool) -> Kind {
    match kind {
        "json" if !masked && matches!(shape.name, "tinker-sft" | "folded-preference") => Kind::Messages,
        "json" => Kind::Objects,
        "object" => Kind::Object,
        "strings" => Kind::Texts,
        "bool" => Kind::Flag,
        "int64" => Kind::Whole,
        "float64" => Kind::Real,
        _ => Kind::Text,
    }
}

fn declared((name, kind): &(&str, Kind)) -> String {
    let list = |element: &str| format!("optional group {name} (LIST) {{ repeated group list {{ {element} }} }} ");
    match kind {
        Kind::Text => format!("optional binary {name} (STRING); "),
        Kind::Object => format!("optional binary {name} (JSON); "),
        Kind::Whole => format!("optional int64 {name}; "),
        Kind::Real => format!("optional double {name}; "),
        Kind::Flag => format!("optional boolean {name}; "),
        Kind::Texts => list("optional binary element (STRING);"),
        Kind::Objects => list("optional binary element (JSON);"),
        Kind::Messages => list("optional group element { optional binary role (STRING); optional binary content (STRING); }"),
    }
}

/// The feature of a column, as `datasets` keeps it in the metadata of a file.
fn feature(kind: Kind) -> Json {
    let value = |name: &str| Json::object([("dtype", name.into()), ("_type", "Value".into())]);
    let json = || Json::object([("_type", "Json".into())]);
    let list = |of: Json| Json::object([("feature", of), ("_type", "List".into())]);
    match kind {
        Kind::Text => value("string"),
        Kind::Object => json(),
        Kind::Whole => value("int64"),
        Kind::Real => value("float64"),
        Kind::Flag => value("bool"),
        Kind::Texts => list(value("string")),
        Kind::Objects => list(json()),
        Kind::Messages => list(Json::object([("role", value("string")), ("content", value("string"))])),
    }
}

/// Adds one value to the leaves of its column.
fn take(kind: Kind, value: &Json, leaves: &mut [Leaf]) {
    let null = *value == Json::Null;
    match (kind, leaves) {
        (Kind::Messages, [role, content]) => {
            for (leaf, name) in [(role, "role"), (content, "content")] {
                leaf.list(value, 4, |item| Some(item.get(name)?.as_str()?.to_owned()));
            }
        }
        (Kind::Texts, [leaf]) => leaf.list(value, 3, |item| item.as_str().map(str::to_owned)),
        (Kind::Objects, [leaf]) => leaf.list(value, 3, |item| Some(item.text())),
        (_, [leaf]) => {
            leaf.defined.push(i16::from(!null));
            let digits = value.text();
            match kind {
                _ if null => {}
                Kind::Text => leaf.texts.push(value.as_str().unwrap_or(&digits).into()),
                Kind::Whole => leaf.whole.push(digits.parse().unwrap_or_default()),
                Kind::Real => leaf.real.push(digits.parse().unwrap_or_default()),
                Kind::Flag => leaf.flags.push(*value == Json::Bool(true)),
                _ => leaf.texts.push(digits.as_str().into()),
            }
        }
        _ => {}
    }
}

impl Leaf {
    /// Adds a list, whose elements are defined at a level, and missing ones one below it.
    fn list(&mut self, value: &Json, level: i16, text: impl Fn(&Json) -> Option<String>) {
        if value.items().is_empty() {
            self.defined.push(i16::from(*value != Json::Null));
            self.repeated.push(0);
        }
        for (i, item) in value.items().iter().enumerate() {
            let text = text(item);
            self.defined.push(if text.is_some() { level } else { level - 1 });
            self.repeated.push(i16::from(i > 0));
            self.texts.extend(text.map(|text| ByteArray::from(text.as_str())));
        }
    }

    fn write(&self, column: &mut ColumnWriter<'_>) -> Result<()> {
        let (defined, repeated) = (Some(self.defined.as_slice()), Some(self.repeated.as_slice()).filter(|levels| !levels.is_empty()));
        match column {
            ColumnWriter::ByteArrayColumnWriter(column) => column.write_batch(&self.texts, defined, repeated),
            ColumnWriter::Int64ColumnWriter(column) => column.write_batch(&self.whole, defined, repeated),
            ColumnWriter::DoubleColumnWriter(column) => column.write_batch(&self.real, defined, repeated),
            ColumnWriter::BoolColumnWriter(column) => column.write_batch(&self.flags, defined, repeated),
            _ => Err(parquet::errors::ParquetError::General("no such column is declared".to_owned())),
        }
        .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn rows_come_back_with_their_nulls_and_lists() {
        let shape = crate::export::shapes::shape("hf-prompt").unwrap();
        let row = r#"{"prompt":[{"role":"user","content":"a"},{"role":"user","content":"b"}],"tools":null,"row":"r","needs_ask":"yes","ask_style":"text_turn","severity":2,"refused_effects":[],"granted_effects":["x","y"],"must_read":[],"judged_effects":["x"],"cwd":"","reference":"","recorded_reward":0.5}"#;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.parquet");
        write(shape, false, [row, row].into_iter().map(|row| Ok(row.to_owned())), &mut std::fs::File::create(&path).unwrap()).unwrap();
        let read = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows: Vec<String> = read.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].contains(r#"{"role":"user","content":"b"}"#) && rows[0].contains("tools: null") && rows[0].contains("severity: 2"), "{}", rows[0]);
        assert!(rows[0].contains(r#"granted_effects: ["x", "y"]"#) && rows[0].contains("refused_effects: []"), "{}", rows[0]);
    }
}
