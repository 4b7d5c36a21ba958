package dev.millrace.models.download;

import dev.millrace.models.download.Ranges.Range;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Which bytes of a partial file are on the disk. *Thread-safe.*
///
/// One line per range, each with a checksum, written only after the bytes it speaks of were forced to the disk. Reading
/// stops
/// at the first line that is torn, so what it says is true after any kill or power cut.
final class PartJournal implements Closeable {
    /// What the bytes are of; other bytes must not be mixed in.
    ///
    /// @param tag the source's entity tag; empty if it has none
    /// @param sha256 what the whole must have; empty if that is not known
    record Subject(long sizeBytes, String tag, String sha256) {
        static Subject of(long sizeBytes, String tag, @Nullable String sha256) {
            return new Subject(sizeBytes, tag, sha256 == null ? "" : sha256);
        }
    }

    /// What an earlier pull left.
    record Left(Subject subject, Ranges present) {}

    private static final long MAX_BYTES = 64L << 20;
    private static final Pattern LINE = Pattern.compile("(.*) ([0-9a-f]{8})");
    private static final Pattern SUBJECT =
            Pattern.compile("millrace-partial-1 (\\d{1,18}) ([A-Za-z0-9+/=]*) ([0-9a-f]*)");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,18}) (\\d{1,18})");

    private final Disk.OpenFile file;
    private final Ranges present;
    private long end;

    private PartJournal(Disk.OpenFile file, Ranges present, long end) {
        this.file = file;
        this.present = present;
        this.end = end;
    }

    /// Reads what is there; empty if there is nothing to go on from.
    static Optional<Left> read(Path path) throws IOException {
        if (!Files.isRegularFile(path) || Files.size(path) > MAX_BYTES) {
            return Optional.empty();
        }
        String text = Files.readString(path, StandardCharsets.ISO_8859_1);
        Subject subject = null;
        Ranges present = new Ranges();
        int from = 0;
        for (int to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
            String line = checked(text.substring(from, to));
            from = to + 1;
            Matcher range = RANGE.matcher(line);
            if (subject == null) {
                subject = subject(line);
                if (subject == null) {
                    break;
                }
            } else if (!range.matches() || !add(present, subject, range)) {
                break;
            }
        }
        return subject == null ? Optional.empty() : Optional.of(new Left(subject, present));
    }

    private static boolean add(Ranges present, Subject subject, Matcher range) {
        long from = Long.parseLong(range.group(1));
        long to = Long.parseLong(range.group(2));
        if (from >= to || to > subject.sizeBytes()) {
            return false;
        }
        present.add(new Range(from, to));
        return true;
    }

    private static @Nullable Subject subject(String line) {
        Matcher m = SUBJECT.matcher(line);
        if (!m.matches()) {
            return null;
        }
        String tag = new String(Base64.getDecoder().decode(m.group(2)), StandardCharsets.UTF_8);
        return new Subject(Long.parseLong(m.group(1)), tag, m.group(3));
    }

    private static String checked(String line) {
        Matcher m = LINE.matcher(line);
        return m.matches() && m.group(2).equals(checksum(m.group(1))) ? m.group(1) : "";
    }

    private static String checksum(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /// Starts a journal with what is present already, in the place of the old one.
    static PartJournal start(Path path, Subject subject, Ranges present, Disk disk) throws IOException {
        StringBuilder text = new StringBuilder();
        String tag = Base64.getEncoder().encodeToString(subject.tag().getBytes(StandardCharsets.UTF_8));
        append(text, "millrace-partial-1 " + subject.sizeBytes() + " " + tag + " " + subject.sha256());
        long at = 0;
        for (Range gap : present.missing(subject.sizeBytes())) {
            if (gap.from() > at) {
                append(text, at + " " + gap.from());
            }
            at = gap.to();
        }
        if (at < subject.sizeBytes()) {
            append(text, at + " " + subject.sizeBytes());
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Disk.OpenFile file = disk.open(fresh);
        boolean started = false;
        try {
            file.write(0, ByteBuffer.wrap(bytes));
            file.force();
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceDirectory(path);
            started = true;
            return new PartJournal(file, present, bytes.length);
        } finally {
            if (!started) {
                file.close();
            }
        }
    }

    /// Makes sure that no journal speaks of bytes that are about to be overwritten.
    static void discard(Path path) throws IOException {
        if (Files.deleteIfExists(path)) {
            forceDirectory(path);
        }
    }

    private static void forceDirectory(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (java.nio.file.AccessDeniedException e) {
            // Windows opens no directories, and makes renames durable by itself.
        }
    }

    private static void append(StringBuilder text, String line) {
        text.append(line).append(' ').append(checksum(line)).append('\n');
    }

    /// Records bytes that were forced to the disk before.
    synchronized void record(Range range) throws IOException {
        StringBuilder text = new StringBuilder();
        append(text, range.from() + " " + range.to());
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        file.write(end, ByteBuffer.wrap(bytes));
        file.force();
        end += bytes.length;
        present.add(range);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
