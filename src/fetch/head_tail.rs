//! The bytes of a document; of a large one, its beginning and its end.
//!
//! Guarantees: memory is bounded by what is kept, however much is read. The end begins at a
//! multiple of four, so that characters of two or four bytes stay whole.

use super::Cut;
use crate::extract::BODY_BYTES_MAX;
use std::collections::VecDeque;

/// Bytes that are read of a document, after decompression.
pub const READ_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Bytes that are kept of either end of a document that is larger.
const END_BYTES: usize = BODY_BYTES_MAX / 2;
/// Characters of two or four bytes stay whole at the seam.
const ALIGNMENT: u64 = 4;

/// A document while it arrives.
#[derive(Debug, Default)]
pub struct HeadTailBuffer {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl HeadTailBuffer {
    /// Returns how many bytes arrived.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Appends the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (head, rest) = bytes.split_at(bytes.len().min(END_BYTES - self.head.len()));
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(END_BYTES)..];
        let too_many = (self.tail.len() + rest.len()).saturating_sub(END_BYTES);
        self.tail.drain(..too_many.min(self.tail.len()));
        self.tail.extend(rest);
    }

    /// Returns what is kept, and what is missing. `is_whole`: whether the document has arrived
    /// completely.
    pub fn finish(mut self, is_whole: bool) -> (Vec<u8>, Option<Cut>) {
        let is_all_kept = self.total == (self.head.len() + self.tail.len()) as u64;
        let seam = self.head.len();
        if !is_all_kept {
            let start = self.total - self.tail.len() as u64;
            let skipped = start.next_multiple_of(ALIGNMENT) - start;
            self.tail.drain(..usize::try_from(skipped).unwrap_or(0).min(self.tail.len()));
        }
        let mut bytes = self.head;
        bytes.extend(self.tail);
        let cut = (!is_all_kept || !is_whole).then_some(Cut {
            total_bytes: self.total,
            seam: if is_all_kept { bytes.len() } else { seam },
            is_end_reached: is_whole,
        });
        (bytes, cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a document of this length; each depends on its position.
    fn byte(at: usize) -> u8 {
        (at % 251) as u8
    }

    fn of(length: usize, chunk: usize) -> HeadTailBuffer {
        let bytes: Vec<u8> = (0..length).map(byte).collect();
        let mut ends = HeadTailBuffer::default();
        bytes.chunks(chunk).for_each(|chunk| ends.push(chunk));
        ends
    }

    #[test]
    fn a_document_is_whole_up_to_the_limit_and_then_it_is_its_two_ends() {
        for length in [0, 1, END_BYTES, END_BYTES + 1, BODY_BYTES_MAX] {
            let (bytes, cut) = of(length, 4096).finish(true);
            assert_eq!((bytes.len(), cut), (length, None));
            assert!(bytes.iter().enumerate().all(|(at, found)| *found == byte(at)));
        }
        for more in [1, 2, 3, 4, 5, 1_000_003, 12_345_678] {
            for chunk in [4096, 7_000_001] {
                let length = BODY_BYTES_MAX + more;
                let (bytes, cut) = of(length, chunk).finish(true);
                let cut = cut.unwrap();
                assert_eq!((cut.total_bytes, cut.seam), (length as u64, END_BYTES));
                assert!(cut.is_end_reached && bytes.len() <= BODY_BYTES_MAX);
                let start = length - (bytes.len() - cut.seam);
                assert_eq!((start % 4, cut.seam % 4), (0, 0));
                let head = bytes[..cut.seam].iter().enumerate();
                assert!({ head }.all(|(at, found)| *found == byte(at)));
                let tail = bytes[cut.seam..].iter().enumerate();
                assert!({ tail }.all(|(at, found)| *found == byte(start + at)), "{more} {chunk}");
            }
        }
    }

    #[test]
    fn a_document_that_did_not_arrive_completely_is_cut() {
        let (bytes, cut) = of(100, 7).finish(false);
        let expected = Cut { total_bytes: 100, seam: 100, is_end_reached: false };
        assert_eq!((bytes.len(), cut), (100, Some(expected)));
    }
}
