//! Enums with a word for each variant, in the database or the configuration.

/// Gives an enum `ALL` and `as_str` from one table. A variant without a word does not compile.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal,)+ }) => {
        impl $name {
            /// All variants.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Returns the word of the variant.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }
    };
}

pub(super) use words;
