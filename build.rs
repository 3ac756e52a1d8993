//! Makes Rust of the messages in `proto/`: the types, their binary and their JSON form (protojson with the fields' own
//! names), and a table of the fields by which a query is read.

use flate2::Compression;
use flate2::write::GzEncoder;
use prost_build::Config;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

const FILES: [&str; 5] = [
    "scalekit/v1/errdetails/errdetails.proto",
    "scalekit/v1/organizations/organizations.proto",
    "scalekit/v1/roles/roles.proto",
    "scalekit/v1/sessions/sessions.proto",
    "scalekit/v1/users/users.proto",
];

/// The documents of the APIs, which a test writes.
const DOCUMENTS: &str = "docs/openapi";

fn main() -> Result<(), Box<dyn Error>> {
    documents()?;
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(FILES, ["proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("fields.rs"), fields(&files)?)?;

    Config::new()
        .btree_map(["."])
        .compile_well_known_types()
        .extern_path(".google.protobuf", "::pbjson_types")
        // That one writes +00:00, where the mapping to JSON has a Z.
        .extern_path(".google.protobuf.Timestamp", "crate::http::scalekit::moment::Moment")
        .compile_fds(files.clone())?;

    let mut json = pbjson_build::Builder::new();
    for file in files.file {
        json.register_file_descriptor(file);
    }
    json.btree_map(["."])
        .preserve_proto_field_names()
        .ignore_unknown_fields()
        .emit_fields()
        .build(&[".scalekit.v1"])?;
    Ok(())
}

/// A table of the documents of the APIs, each by its name and compressed: the program carries them so.
fn documents() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={DOCUMENTS}");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(DOCUMENTS)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    let mut code = String::from("static FILES: &[(&str, &[u8])] = &[\n");
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&std::fs::read(path)?)?;
        let target = out.join(format!("{name}.json.gz"));
        std::fs::write(&target, gzip.finish()?)?;
        writeln!(code, "    ({name:?}, include_bytes!({target:?})),")?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("documents.rs"), code)?;
    Ok(())
}

/// `match message { "scalekit.v1.….X" => &[("page_size", false, Kind::Number), …] }`
fn fields(files: &FileDescriptorSet) -> Result<String, std::fmt::Error> {
    let mut code = String::from("pub(super) fn fields_of(message: &str) -> &'static [Field] {\n    match message {\n");
    for file in files.file.iter().filter(|file| file.package().starts_with("scalekit.v1")) {
        for message in &file.message_type {
            write!(code, "        \"{}.{}\" => &[", file.package(), message.name())?;
            for field in &message.field {
                let map = is_map(message, field.type_name());
                let kind = match field.r#type() {
                    Type::Bool => "Kind::Bool".to_owned(),
                    Type::String | Type::Bytes => "Kind::Text".to_owned(),
                    Type::Enum => "Kind::Enum".to_owned(),
                    Type::Message => format!("Kind::Message({:?})", field.type_name().trim_start_matches('.')),
                    _ => "Kind::Number".to_owned(),
                };
                let repeated = field.label() == Label::Repeated && !map;
                let kind = if map { "Kind::Map" } else { &kind };
                write!(code, "Field {{ name: {:?}, repeated: {repeated}, kind: {kind} }}, ", field.name())?;
            }
            code.push_str("],\n");
        }
    }
    code.push_str("        _ => &[],\n    }\n}\n");
    Ok(code)
}

fn is_map(message: &DescriptorProto, type_name: &str) -> bool {
    let entry = type_name.rsplit('.').next().unwrap_or_default();
    message.nested_type.iter().any(|nested| {
        nested.name() == entry && nested.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry)
    })
}
