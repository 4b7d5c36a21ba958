package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.models.download.PartJournal.Subject;
import dev.millrace.models.download.Ranges.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartJournalTest {
    private static final Subject SUBJECT = new Subject(1000, "\"ta g\u00e9\"", "ab".repeat(32));

    @TempDir
    Path directory;

    private Path journal() {
        return directory.resolve("x.journal");
    }

    private void write() throws IOException {
        Ranges present = new Ranges();
        present.add(new Range(10, 20));
        try (PartJournal journal = PartJournal.start(journal(), SUBJECT, present, Disk.REAL)) {
            journal.record(new Range(0, 10));
            journal.record(new Range(500, 1000));
        }
    }

    @Test
    void whatWasRecordedIsReadBack() throws IOException {
        write();

        PartJournal.Left left = PartJournal.read(journal()).orElseThrow();

        assertThat(left.subject()).isEqualTo(SUBJECT);
        assertThat(left.present().missing(1000)).containsExactly(new Range(20, 500));
    }

    @Test
    void journalCutAtAnyByteNeverClaimsMoreThanWasRecorded() throws IOException {
        write();
        byte[] whole = Files.readAllBytes(journal());
        long before = 0;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(journal(), Arrays.copyOf(whole, length));

            long bytes = PartJournal.read(journal())
                    .map(left -> left.present().bytes())
                    .orElse(0L);

            assertThat(bytes).isGreaterThanOrEqualTo(before).isIn(0L, 10L, 20L, 520L);
            before = bytes;
        }
        assertThat(before).isEqualTo(520);
    }

    @Test
    void damagedByteIsNoticedWhereverItIs() throws IOException {
        write();
        byte[] whole = Files.readAllBytes(journal());
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 1;
            Files.write(journal(), damaged);

            PartJournal.read(journal()).ifPresent(left -> {
                assertThat(left.subject()).isEqualTo(SUBJECT);
                assertThat(left.present().bytes()).isLessThan(520);
            });
        }
    }

    @Test
    void discardedJournalClaimsNothing() throws IOException {
        write();

        PartJournal.discard(journal());

        assertThat(PartJournal.read(journal())).isEmpty();
    }
}
