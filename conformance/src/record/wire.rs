//! The lines of a history file as they are written, field by field in this order.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::history::Numbers;

/// What the first line says of itself; all that can be asked of a version that is not ours.
#[derive(Deserialize)]
pub(super) struct Stamp {
    pub(super) format: Option<Value>,
    pub(super) version: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadLine {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) system: String,
    #[serde(with = "NumbersObject")]
    pub(super) numbers: Numbers,
    pub(super) actors: Vec<String>,
    pub(super) roots: Vec<String>,
    pub(super) program: String,
}

/// How [`Numbers`] are written: those that came later may be missing.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Numbers", deny_unknown_fields)]
struct NumbersObject {
    page_size: u64,
    pipe_buf: u64,
    nofile: u64,
    pipe_capacity: u64,
    #[serde(default = "pipe_max")]
    pipe_max: u64,
    #[serde(default)]
    beyond_pipe_max: bool,
    #[serde(default)]
    beyond_pipe_pages: bool,
    #[serde(default)]
    privileged: bool,
    #[serde(default = "name_max")]
    name_max: u64,
    #[serde(default = "path_max")]
    path_max: u64,
    #[serde(default)]
    noatime: bool,
    #[serde(default)]
    stream_piece: u64,
}

/// The numbers by their names, in the order in which a history has them.
pub(super) fn numbers(numbers: &Numbers) -> serde_json::Map<String, Value> {
    match NumbersObject::serialize(numbers, serde_json::value::Serializer) {
        Ok(Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    }
}

/// What Linux has, for histories that do not tell.
fn name_max() -> u64 {
    255
}

/// The same.
fn path_max() -> u64 {
    4096
}

/// What Linux starts with, for histories that do not tell.
fn pipe_max() -> u64 {
    1 << 20
}

/// The field by which all other lines are told apart.
#[derive(Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallLine<'a> {
    pub(super) ticket: u64,
    #[serde(borrow)]
    pub(super) actor: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    pub(super) line: u32,
    #[serde(borrow)]
    pub(super) call: Cow<'a, str>,
    pub(super) args: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnLine<'a> {
    pub(super) ticket: u64,
    #[serde(borrow)]
    pub(super) actor: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    pub(super) result: ResultObject,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) probed: Option<u64>,
}

/// A signal, and where it came from.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InfoObject {
    pub(super) signal: String,
    pub(super) code: String,
    pub(super) value: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stack: Option<StackWord>,
}

/// The stack that a handler ran on.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum StackWord {
    Usual,
    Alternate,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandledLine<'a> {
    pub(super) ticket: u64,
    #[serde(borrow)]
    pub(super) actor: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    pub(super) info: InfoObject,
}

/// An outcome: exactly one of these.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ResultObject {
    Nothing,
    Begun,
    Number(i64),
    Data(Vec<String>),
    Passed(Vec<String>, Vec<i32>, String),
    Fds(Vec<i32>),
    Ready(Vec<String>),
    Events(Vec<(i32, String)>),
    Flags(String),
    Word(String),
    Child(String),
    Info(InfoObject),
    Infos(Vec<InfoObject>),
    Status(String),
    Waited(Option<String>, String),
    Group(Option<String>),
    Errno(String),
    Absent(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndedLine<'a> {
    pub(super) ticket: u64,
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) actor: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuiescentLine<'a> {
    pub(super) ticket: u64,
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    pub(super) asleep: Vec<String>,
    pub(super) proof: ProofWord,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProofWord {
    Proven,
    Waited,
    Expired,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine<'a> {
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    pub(super) end: EndWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) busy: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum EndWord {
    Complete,
    Deadline,
    Broken,
}
