//! The shape that the two kinds of 128-bit keys share.

/// Makes a type for a 16-byte key: wiped on drop, compared in constant time, opaque when printed.
macro_rules! key_type {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new random key.
            #[must_use]
            pub fn generate() -> Self {
                Self($crate::random::array())
            }

            /// The key made of these raw bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The key in raw bytes that came from elsewhere.
            ///
            /// # Errors
            /// [`Error::KeyLength`](crate::Error::KeyLength) unless there are exactly 16.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, $crate::Error> {
                let wrong = $crate::Error::KeyLength { what: $what, expected: 16, found: bytes.len() };
                bytes.try_into().map(Self).map_err(|_| wrong)
            }

            /// The 16 raw bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                openssl::memcmp::eq(&self.0, &other.0)
            }
        }

        impl Eq for $name {}

        impl Drop for $name {
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(&mut self.0);
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

pub(crate) use key_type;
