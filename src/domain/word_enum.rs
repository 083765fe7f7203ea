//! Enums whose variants are stored and shown as words.
//!
//! Guarantees: a variant without a word does not compile, and neither does a word without a variant.

/// Implements `ALL` and `as_str` for an enum of unit variants from one table of words.
macro_rules! words {
    ($enum:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $enum {
            /// All variants, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the word of the variant.
            pub const fn as_str(self) -> &'static str {
                // Without a wildcard: the compiler asks for a word for each variant.
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}

/// Implements `ALL`, `as_str` and `parse` for an enum of unit variants from one table of words.
macro_rules! word_enum {
    ($enum:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        $crate::domain::word_enum::words!($enum { $($variant => $word),+ });

        impl $enum {
            /// Returns the variant of a word, or `None`.
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use word_enum;
pub(crate) use words;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro writes for public enums")]
mod tests {
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Tide {
        High,
        Low,
    }

    word_enum!(Tide { High => "high", Low => "low" });

    #[test]
    fn words_and_variants_lead_to_each_other() {
        for tide in Tide::ALL {
            assert_eq!(Tide::parse(tide.as_str()), Some(*tide));
        }
        assert_eq!((Tide::ALL.len(), Tide::parse("ebb")), (2, None));
    }
}
