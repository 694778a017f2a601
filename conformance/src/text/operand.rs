//! What the model's list of operations says of a line: which one it is, and what each word means.

use std::collections::BTreeSet;

use ipc_model::mechanism::operations;
use ipc_model::operation::{Gives, Operation, Param};

use super::parse::Word;
use super::{
    Fault, MAX_BUFFERS, MAX_BYTES, MAX_INFOS, MAX_PASSED, MAX_SHARED_NAME, MAX_WATCHES, nearest,
    quote,
};
use crate::program::Operand;

/// The operation of that name whose command, if it has one, is what is given.
pub(super) fn find_operation(name: Word, given: &[Word]) -> Result<&'static Operation, Fault> {
    let named: Vec<_> = operations().filter(|operation| operation.name == name.text).collect();
    if named.is_empty() {
        let help = match nearest(name.text, operations().map(|operation| operation.name)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                let names: BTreeSet<&str> = operations().map(|operation| operation.name).collect();
                format!("known here: {}", Vec::from_iter(names).join(", "))
            }
        };
        return Err(name.fault(format!("unknown call {}", quote(name.text)), help));
    }
    let command = |operation: &Operation| {
        let place = operation.params.iter().position(|param| matches!(param, Param::Command(_)))?;
        given.get(place).copied()
    };
    let fits = |operation: &&&Operation| {
        operation
            .command()
            .is_none_or(|wanted| command(operation).is_some_and(|w| w.text == wanted))
    };
    // One whose command is given goes before one that has none.
    let commanded = named.iter().filter(fits).max_by_key(|one| one.command().is_some());
    if let Some(operation) = commanded {
        return Ok(operation);
    }
    let commands = || named.iter().filter_map(|operation| operation.command());
    let list = commands().collect::<Vec<_>>().join(", ");
    match named.iter().find_map(|operation| command(operation)) {
        Some(word) => Err(word.fault(
            format!("{} has no command {}", quote(name.text), quote(word.text)),
            match nearest(word.text, commands()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it has {list}"),
            },
        )),
        None => Err(name.fault(
            format!("{} needs a command", quote(name.text)),
            format!("write `{}`", usage(named[0])),
        )),
    }
}

/// What is wrong with a word, and what to do about it.
pub(super) type Refusal = (String, String);

/// Reads a word for a parameter that names neither a descriptor nor a process.
pub(super) fn literal(param: &Param, word: &str) -> Result<Operand, Refusal> {
    match param {
        Param::Command(_) => Ok(Operand::Command),
        Param::Receive | Param::Send => bytes(word).map(|n| Operand::Number(n as i64)),
        Param::ReceiveVector | Param::SendVector => vector(word).map(Operand::Vector),
        Param::Flags(words) => flags(words, word).map(Operand::Flags),
        Param::Word(words) => index(words, word).map(|index| Operand::Number(index as i64)),
        Param::Path => path(word).map(|path| Operand::Path(path.into())),
        Param::SharedName => shared_name(word).map(|name| Operand::Path(name.into())),
        Param::Address => address(word).map(|name| Operand::Path(name.into())),
        Param::Mode => mode(word).map(Operand::Number),
        Param::Number
        | Param::Timeout
        | Param::Fd
        | Param::TargetFd
        | Param::Process
        | Param::Watches(_) => match word.parse() {
            Ok(number) => Ok(Operand::Number(number)),
            Err(_) => Err((
                format!("{} is not a number", quote(word)),
                format!("write a whole number between {} and {}", i64::MIN, i64::MAX),
            )),
        },
    }
}

fn bytes(word: &str) -> Result<u64, Refusal> {
    match word.parse::<u64>() {
        Ok(n) if n <= MAX_BYTES => Ok(n),
        Ok(_) => Err((
            format!("{} are more bytes than a call may move here", quote(word)),
            format!("at most {MAX_BYTES} (16 MiB)"),
        )),
        Err(_) => Err((
            format!("{} is not a number of bytes", quote(word)),
            format!("write a whole number from 0 to {MAX_BYTES}"),
        )),
    }
}

/// A path in double quotes, relative, without `.`, `..` or an empty word.
fn path(word: &str) -> Result<String, Refusal> {
    let inner = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        let help = "write it in double quotes, as in `open \"f\" O_RDONLY 0 -> r`";
        return Err((format!("{} is not a path", quote(word)), help.to_owned()));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let good = |part: &str| part.chars().all(plain) && !["", ".", ".."].contains(&part);
    if inner.is_empty() || inner.split('/').all(good) {
        return Ok(inner.to_owned());
    }
    let help = "below the program's own directory: words of letters, digits, `.`, `_` and `-`, with `/` between them";
    Err((format!("{} is not a path that a program may use", quote(word)), help.to_owned()))
}

/// The bytes of a name of a socket at most: with what is put before one that is in no directory they fit
/// where systems keep it.
const ADDRESS_MAX: usize = 60;

/// A path in double quotes, or behind `@` a name of a socket that is in no directory; neither is long.
fn address(word: &str) -> Result<String, Refusal> {
    if word.len() > ADDRESS_MAX + 2 {
        let help = format!("no more than {ADDRESS_MAX} bytes");
        return Err((format!("{} is too long for the name of a socket", quote(word)), help));
    }
    let (mark, rest) = match word.strip_prefix("\"@") {
        Some(rest) => ("@", format!("\"{rest}")),
        None => ("", word.to_owned()),
    };
    match path(&rest)?.as_str() {
        "" => Err((
            "a socket has no empty name".to_owned(),
            "write a path, or a word behind `@`".to_owned(),
        )),
        name => Ok(format!("{mark}{name}")),
    }
}

/// A name of shared memory in double quotes: a slash, and a word that is not long.
fn shared_name(word: &str) -> Result<String, Refusal> {
    let inner = word.strip_prefix("\"/").and_then(|rest| rest.strip_suffix('"'));
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    match inner {
        Some(rest) if rest.len() <= MAX_SHARED_NAME && rest.chars().all(plain) => {
            Ok(format!("/{rest}"))
        }
        _ => Err((
            format!("{} is not a name of shared memory", quote(word)),
            "write a slash and letters, digits, `_` and `-`, as in `\"/x\"`".to_owned(),
        )),
    }
}

/// Permission bits in octal.
fn mode(word: &str) -> Result<i64, Refusal> {
    match i64::from_str_radix(word, 8) {
        Ok(mode) if word.starts_with('0') && (0..=0o777).contains(&mode) => Ok(mode),
        _ => Err((
            format!("{} are no permission bits", quote(word)),
            "write them in octal, from 000 to 0777".to_owned(),
        )),
    }
}

/// The words of a list of descriptors with flags: `r:POLLIN,w:POLLOUT`. Each with what is asked. Where
/// nothing can be asked the names alone are given, and `0` is none.
pub(super) fn watches<'a>(
    words: &'static [&'static str],
    word: &'a str,
) -> Result<Vec<(&'a str, u32)>, Refusal> {
    let one = |part: &'a str| match part.split_once(':') {
        _ if words.is_empty() => Ok((part, 0)),
        Some((name, asked)) => Ok((name, flags(words, asked)?)),
        None => Err((
            format!("{} does not say what is asked", quote(part)),
            format!("write `FD:{}`, several with a comma between them", words[0]),
        )),
    };
    if words.is_empty() && word == "0" {
        return Ok(Vec::new());
    }
    let all = word.split(',').map(one).collect::<Result<Vec<_>, Refusal>>()?;
    if all.len() > MAX_WATCHES {
        return Err((
            format!("{} descriptors are more than a call may ask about here", all.len()),
            format!("ask about at most {MAX_WATCHES}, and about the others in another call"),
        ));
    }
    Ok(all)
}

/// A call that tells of descriptors or signals may not be given room for more than a report holds.
pub(super) fn fits(operation: &Operation, operand: &Operand) -> Result<(), Refusal> {
    match (operation.gives, operand) {
        (Gives::Events(_), Operand::Number(most)) if *most > MAX_WATCHES as i64 => Err((
            format!("{most} are more descriptors than a call may be told of here"),
            format!("ask for at most {MAX_WATCHES}, and for the others in another call"),
        )),
        (Gives::Passed(_), Operand::Number(most)) if !(0..=MAX_PASSED as i64).contains(most) => {
            Err((
                format!("a call may not have room for {most} descriptors here"),
                format!("at most {MAX_PASSED}"),
            ))
        }
        (Gives::Infos(_), Operand::Number(most)) if !(0..=MAX_INFOS as i64).contains(most) => {
            Err((
                format!("a call may not take {most} signals here"),
                format!("ask for at most {MAX_INFOS}, and for the others in another call"),
            ))
        }
        _ => Ok(()),
    }
}

fn vector(word: &str) -> Result<Vec<u64>, Refusal> {
    let parts = word.split(',').map(bytes).collect::<Result<Vec<u64>, Refusal>>()?;
    if parts.len() > MAX_BUFFERS {
        return Err((
            format!("{} buffers are more than a call may name here", parts.len()),
            format!("at most {MAX_BUFFERS}"),
        ));
    }
    let sum: u64 = parts.iter().sum();
    if sum > MAX_BYTES {
        return Err((
            format!("these buffers hold {sum} bytes, more than a call may move here"),
            format!("at most {MAX_BYTES} (16 MiB) in all"),
        ));
    }
    Ok(parts)
}

fn flags(words: &'static [&'static str], text: &str) -> Result<u32, Refusal> {
    if text == "0" {
        return Ok(0);
    }
    let mut flags = 0;
    for word in text.split('|') {
        let bit = 1 << index(words, word)?;
        if flags & bit != 0 {
            return Err((format!("{} stands here twice", quote(word)), "leave one out".to_owned()));
        }
        flags |= bit;
    }
    Ok(flags)
}

fn index(words: &'static [&'static str], word: &str) -> Result<usize, Refusal> {
    words.iter().position(|known| *known == word).ok_or_else(|| {
        let help = match nearest(word, words.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("what can stand here: {}", words.join(", ")),
        };
        (format!("{} is not known here", quote(word)), help)
    })
}

/// How an operation is written: `read FD BYTES`.
pub(super) fn usage(operation: &Operation) -> String {
    let mut usage = operation.name.to_owned();
    for param in operation.params {
        let word = match param {
            Param::Fd | Param::TargetFd => "FD".to_owned(),
            Param::Command(word) => (*word).to_owned(),
            Param::Receive | Param::Send => "BYTES".to_owned(),
            Param::ReceiveVector | Param::SendVector => "BYTES,BYTES,…".to_owned(),
            Param::Number => "NUMBER".to_owned(),
            Param::Timeout => "MILLISECONDS".to_owned(),
            Param::Flags(words) => format!("0|{}", words.join("|")),
            Param::Word(words) => words.join("/"),
            Param::Process => "ACTOR".to_owned(),
            Param::Path => "\"PATH\"".to_owned(),
            Param::SharedName => "\"/NAME\"".to_owned(),
            Param::Address => "\"PATH\"/\"@NAME\"".to_owned(),
            Param::Mode => "0MODE".to_owned(),
            Param::Watches([]) => "0|FD,…".to_owned(),
            Param::Watches(words) => format!("FD:{},…", words.join("|")),
        };
        usage.push(' ');
        usage.push_str(&word);
    }
    match operation.gives {
        Gives::Fd => usage + " -> FD",
        Gives::Fds => usage + " -> FD FD",
        Gives::Passed(_) => usage + " -> FD…",
        Gives::Process => usage + " -> ACTOR",
        _ => usage,
    }
}

/// How many names the results must get.
pub(super) fn bound(operation: &Operation, args: &[Operand]) -> usize {
    match operation.gives {
        Gives::Fd | Gives::Process => 1,
        Gives::Fds => 2,
        Gives::Passed(_) => match args.last() {
            Some(Operand::Number(room)) => usize::try_from(*room).unwrap_or(0),
            _ => 0,
        },
        _ => 0,
    }
}
