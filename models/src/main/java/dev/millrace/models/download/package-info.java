/// Models fetched from a hub or an address: one [dev.millrace.models.download.Puller] per configuration, one call of
/// `pull` per model.
///
/// What is decided is pure and tested without a network: which file a reference means ([ModelReference], `Selection`),
/// which bytes are missing (`Ranges`, `PartPlan`), what follows a failure (`RetryPolicy`), which hosts and addresses
/// may be
/// spoken to (`HostRules`, `AddressRules`). What acts is thin: `GuardedGet` makes one request, `FileTransfer` one file.
///
/// Nothing is believed that was not checked: a byte counts as present only after it was forced to the disk and recorded
/// behind that in the journal; a file counts as fetched only after all of it was read back and its sha256 compared; a
/// model
/// is handed to [Landing] only after each of its files has a sound header.
@NullMarked
package dev.millrace.models.download;

import org.jspecify.annotations.NullMarked;
