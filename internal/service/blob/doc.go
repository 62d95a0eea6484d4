// Package blob keeps files: what people upload, what Ceiba makes from it, and
// the immutable files of published tables.
//
// A file is stored under the SHA-256 of its bytes, so it never changes, is
// stored once however often it arrives, and anybody can check that what they
// were given is what was published. Names, owners and who may see a file are
// the business of whoever keeps the reference.
//
// # Promises
//
//   - When Put returns, the file survives a power cut: on a folder it is
//     flushed, renamed into place and its folder flushed; on an S3 store the
//     store has answered. A file is whole or absent, never half.
//   - Memory is constant whatever the size, and a file over its cap ends with
//     fault.TooLarge as soon as the cap is passed.
//   - What is read whole is hashed on the way and ends with ErrCorrupt when it
//     is not what it says.
//   - What a stranger sends is judged by content (Detect), not by its name, and
//     a name that says otherwise is refused in words. Nothing but pictures that
//     cannot carry script is ever served inline; everything else downloads in a
//     sandbox (Serve).
//   - Pictures are decoded, turned upright and encoded again, so that position,
//     serial number and thumbnail of the camera do not leave the house (Picture).
//     The number of pixels is read before a picture is decoded.
//   - A cut upload goes on where it was cut, on any node (Upload). Nobody has
//     more than a few open, and Expire ends those that rest.
//
// # Two stores
//
// A folder (the default) and a bucket of an S3-compatible store, through
// gocloud.dev/blob. Neither file driver nor SDK flushes to disk by itself, so
// the writing half of the folder is ours (see durable.go). Local gives a path
// on this machine for both: on S3 from a cache bounded by bytes.
//
// # Limits
//
// Delete does not reach the caches of other nodes; whoever serves a file looks
// first whether its record still exists. A cache folder belongs to one process.
// HEIC is refused with a hint, since no decoder in plain Go is free of patents
// and of C. Colour profiles are dropped with the rest of the metadata: a
// wide-gamut photo comes out slightly paler.
//
// Sources: OWASP ASVS 5.0 chapter 5; RFC 6266 and 8187 for file names; tus 1.0
// for resumable uploads; CIPA DC-008 (Exif) and TIFF 6.0; PKWARE APPNOTE 6.3;
// clamd(8) for INSTREAM.
package blob
