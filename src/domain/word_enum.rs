//! Enums whose variants are stored and shown as words.
//!
//! Guarantees: a variant without a word does not compile, and neither does a word without a variant.

/// Implements `ALL`, `as_str` and `parse` for an enum of unit variants from one table of words.
macro_rules! word_enum {
    ($enum:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $enum {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                // Without a wildcard: the compiler asks for a word for each variant.
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The variant of a word, or `None`.
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

#[cfg(test)]
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
