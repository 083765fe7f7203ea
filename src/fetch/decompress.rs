//! Decompression of a body.
//!
//! Guarantees: a body is decompressed as its bytes say, whether or not the header does; one that is
//! not compressed although the header says so is left as it is. It is read piece by piece: the
//! reader bounds what a small body expands to.

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder};
use reqwest::header::{self, HeaderMap};
use std::{
    io::{self, Cursor},
    pin::Pin,
};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, BufReader};

/// The encodings that are offered to servers.
pub(super) const ACCEPTED: &str = "gzip, deflate, br";
/// How often a body may be compressed: some servers do it twice.
const LAYERS_MAX: usize = 3;
/// The first bytes, by which the encoding is recognized.
const LOOKED_AT_BYTES: usize = 4096;
/// The bytes that are decompressed to test an encoding.
const TRIED_BYTES: u64 = 64 * 1024;

/// A body that is read piece by piece.
pub(super) type Reader = Pin<Box<dyn AsyncBufRead + Send>>;

/// The encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Zlib,
    Deflate,
    Brotli,
    /// Not offered, and not supported.
    Zstd,
}

/// Returns the reader of the decompressed body.
pub(super) async fn decompress(mut reader: Reader, headers: &HeaderMap) -> io::Result<Reader> {
    let mut declared = declared(headers);
    for _ in 0..LAYERS_MAX {
        let head;
        (head, reader) = peek(reader).await?;
        let Some(packing) = packing(&head, declared.pop().as_deref()).await else {
            break;
        };
        reader = match packing {
            Coding::Zstd => {
                let what = "the answer is packed as zstd, which was not asked for";
                return Err(io::Error::new(io::ErrorKind::Unsupported, what));
            }
            packing => Box::pin(BufReader::new(opened(packing, reader))),
        };
    }
    Ok(reader)
}

/// Returns the first bytes, and the reader of all of them.
async fn peek(mut reader: Reader) -> io::Result<(Vec<u8>, Reader)> {
    let mut head = Vec::with_capacity(LOOKED_AT_BYTES);
    (&mut reader).take(LOOKED_AT_BYTES as u64).read_to_end(&mut head).await?;
    let all = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::pin(all)))
}

/// Returns the encodings that the header names, the outermost last.
fn declared(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let values = values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    let names = values.map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty() && name != "identity").collect()
}

async fn packing(head: &[u8], declared: Option<&str>) -> Option<Coding> {
    match head {
        [0x1f, 0x8b, 0x08, ..] => return Some(Coding::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Some(Coding::Zstd),
        _ => {}
    }
    let is_zlib = matches!(head, [first, second, ..] if first & 0x0f == 8
        && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0);
    // Without a header, accept only bytes that no text begins with.
    let is_no_text = matches!(head, [0x78, 0x01 | 0x9c | 0xda, ..]);
    let candidates: &[Coding] = match declared {
        Some("deflate") => &[Coding::Zlib, Coding::Deflate],
        Some("br") => &[Coding::Brotli],
        Some(_) => &[Coding::Zlib],
        None if is_no_text => &[Coding::Zlib],
        None => &[],
    };
    for candidate in candidates {
        if (*candidate != Coding::Zlib || is_zlib) && unpacks(head, *candidate).await {
            return Some(*candidate);
        }
    }
    None
}

/// Whether the beginning of a body decompresses to something.
async fn unpacks(head: &[u8], packing: Coding) -> bool {
    let mut unpacked = Vec::new();
    let mut left = Cursor::new(head);
    let done = opened(packing, &mut left).take(TRIED_BYTES).read_to_end(&mut unpacked).await;
    let is_well = match done {
        // A text may start with what looks like a short compressed stream.
        Ok(length) => left.position() == head.len() as u64 || length as u64 == TRIED_BYTES,
        // The rest has not arrived yet.
        Err(error) => error.kind() == io::ErrorKind::UnexpectedEof,
    };
    is_well && !unpacked.is_empty()
}

/// Returns the reader of what is compressed.
fn opened<'a>(
    packing: Coding,
    reader: impl AsyncBufRead + Send + 'a,
) -> Pin<Box<dyn AsyncRead + Send + 'a>> {
    match packing {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(reader);
            decoder.multiple_members(true);
            Box::pin(decoder)
        }
        Coding::Zlib => Box::pin(ZlibDecoder::new(reader)),
        Coding::Deflate => Box::pin(DeflateDecoder::new(reader)),
        Coding::Brotli => Box::pin(BrotliDecoder::new(reader)),
        Coding::Zstd => Box::pin(reader),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_compression::tokio::bufread::{
        BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder,
    };

    async fn packed(text: &[u8], how: &str) -> Vec<u8> {
        let mut packed = Vec::new();
        let mut encoder: Pin<Box<dyn AsyncRead + Send>> = match how {
            "gzip" => Box::pin(GzipEncoder::new(text)),
            "zlib" => Box::pin(ZlibEncoder::new(text)),
            "deflate" => Box::pin(DeflateEncoder::new(text)),
            "br" => Box::pin(BrotliEncoder::new(text)),
            _ => Box::pin(text),
        };
        encoder.read_to_end(&mut packed).await.unwrap();
        packed
    }

    async fn unpacked(bytes: Vec<u8>, header: &[&str]) -> io::Result<Vec<u8>> {
        let headers = header.iter().map(|value| (header::CONTENT_ENCODING, value.parse().unwrap()));
        let mut reader = decompress(Box::pin(Cursor::new(bytes)), &headers.collect()).await?;
        let mut found = Vec::new();
        reader.read_to_end(&mut found).await.map(|_| found)
    }

    fn pages() -> [Vec<u8>; 6] {
        [
            b"".to_vec(),
            b"x".to_vec(),
            b"x^2 + y^2".to_vec(),
            b"<!DOCTYPE html><p>Statement".to_vec(),
            "{\"title\": \"\u{417}\u{430}\u{44f}\u{432}\u{43b}\u{435}\u{43d}\u{438}\u{435}\"}".into(),
            "<rss>\u{417}\u{430}\u{44f}\u{432}\u{43b}\u{435}\u{43d}\u{438}\u{435} 1.11.2026, 2.11.2026</rss>\n".repeat(20_000).into(),
        ]
    }

    #[tokio::test]
    async fn a_body_is_unpacked_as_its_bytes_say() {
        let cases: [(&str, &[&str]); 22] = [
            ("plain", &[]),
            ("plain", &["identity"]),
            ("plain", &["gzip"]),
            ("plain", &["x-gzip"]),
            ("plain", &["deflate"]),
            ("plain", &["br"]),
            ("plain", &["utf-8"]),
            ("gzip", &[]),
            ("gzip", &["gzip"]),
            ("gzip", &["GZIP "]),
            ("gzip", &["x-gzip"]),
            ("gzip", &["br"]),
            ("gzip", &["deflate"]),
            ("zlib", &[]),
            ("zlib", &["deflate"]),
            ("zlib", &["gzip"]),
            ("deflate", &["deflate"]),
            ("br", &["br"]),
            ("gzip gzip", &["gzip"]),
            ("gzip gzip", &["gzip, gzip"]),
            ("zlib gzip", &["deflate", "gzip"]),
            ("br gzip", &["br, gzip"]),
        ];
        for page in pages() {
            for (how, header) in cases {
                let mut bytes = page.clone();
                for how in how.split(' ') {
                    bytes = packed(&bytes, how).await;
                }
                // Without a header, compressed bytes that expand to nothing are nothing to see.
                if page.is_empty() && how != "plain" {
                    continue;
                }
                let found = unpacked(bytes, header).await.unwrap();
                assert!(found == page, "{how} {header:?}: {} bytes", found.len());
            }
        }
    }

    #[tokio::test]
    async fn a_body_that_cannot_be_decompressed_is_an_error() {
        let zstd = [&[0x28, 0xb5, 0x2f, 0xfd, 0x04], &[0u8; 20][..]].concat();
        let error = unpacked(zstd, &[]).await.unwrap_err();
        assert!(error.to_string().contains("zstd"), "{error}");
        let mut bytes = packed(&pages()[5], "gzip").await;
        bytes.truncate(bytes.len() / 2);
        let error = unpacked(bytes, &["gzip"]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_bomb_is_unpacked_no_further_than_it_is_read() {
        let bomb = packed(&packed(&vec![0; 64 << 20], "gzip").await, "gzip").await;
        assert!(bomb.len() < 100_000);
        let mut reader = decompress(Box::pin(Cursor::new(bomb)), &HeaderMap::new()).await.unwrap();
        let mut some = [0; 100];
        assert_eq!(reader.read_exact(&mut some).await.unwrap(), 100);
    }
}
