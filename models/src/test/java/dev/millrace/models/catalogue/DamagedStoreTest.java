package dev.millrace.models.catalogue;

import static dev.millrace.models.catalogue.CatalogueFixture.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store after crashes, bit rot and attacks.
class DamagedStoreTest {
    @TempDir
    Path folder;

    private CatalogueFixture fixture;
    private Catalogue catalogue;

    @BeforeEach
    void open() {
        fixture = new CatalogueFixture(folder.resolve("data"));
        catalogue = fixture.catalogue;
    }

    private Path manifest(String name) {
        return fixture.models().resolve("manifests").resolve(name + ".json");
    }

    @Test
    void aCrashBetweenTheBlobAndItsManifestListsNothingAndIsSwept() throws IOException {
        fixture.adopt("kept", TinyGguf.named("kept"));
        StoredFile file = fixture.downloaded(TinyGguf.named("half"));
        Files.createDirectories(manifest("half").resolve("in the way")); // the rename of the manifest fails
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> catalogue.adopt(id("half"), List.of(file), "test"));
        Files.delete(manifest("half").resolve("in the way"));
        Files.delete(manifest("half"));

        List<Path> crashed = fixture.blobs();
        List<String> listed = fixture.names();
        long freed = CatalogueFixture.open(fixture.data).sweep();

        assertThat(crashed).hasSize(2);
        assertThat(listed).containsExactly("kept");
        assertThat(freed).isEqualTo(file.sizeBytes());
        assertThat(fixture.blobs()).hasSize(1);
        assertThat(catalogue.find("kept").orElseThrow().isUsable()).isTrue();
        assertThat(CatalogueFixture.list(fixture.models().resolve("manifests"))).containsExactly(manifest("kept"));
    }

    @Test
    void aHalfWrittenManifestOfACrashIsNotListedAndGoesWithTheNextSweep() throws IOException {
        fixture.adopt("one", TinyGguf.named("one"));
        Path half = manifest("one").resolveSibling(".new-1.tmp");
        Files.writeString(half, "{\"version\":1,");

        assertThat(catalogue.listing().warnings()).isEmpty();
        catalogue.sweep();

        assertThat(half).doesNotExist();
        assertThat(fixture.names()).containsExactly("one");
    }

    @Test
    void aDamagedManifestIsPassedOverWithAWarningAndItsBlobsStay() throws IOException {
        fixture.adopt("good", TinyGguf.named("good"));
        fixture.adopt("bad", TinyGguf.named("bad"));
        byte[] whole = Files.readAllBytes(manifest("bad"));
        for (int length = 0; length < whole.length - 2; length += 7) {
            Files.write(manifest("bad"), java.util.Arrays.copyOf(whole, length));

            assertThat(fixture.names()).as("first %d bytes", length).containsExactly("good");
            assertThat(catalogue.listing().warnings())
                    .singleElement()
                    .asString()
                    .startsWith(manifest("bad") + ": passed over, as it is damaged: ");
        }
        assertThat(catalogue.sweep()).isZero();
        assertThat(fixture.blobs()).hasSize(2);
    }

    @Test
    void aDamagedManifestCanBeRemovedAndThenItsBlobsGo() throws IOException {
        fixture.adopt("bad", TinyGguf.named("bad"));
        Files.writeString(manifest("bad"), "no JSON");

        boolean damaged = catalogue.isDamaged(id("bad"));
        Removed removed = catalogue.remove("bad");

        assertThat(damaged).isTrue();
        assertThat(removed.freedBytes()).isPositive();
        assertThat(fixture.blobs()).isEmpty();
    }

    @Test
    void manifestsThatLieAreRefused() throws IOException {
        fixture.adopt("one", TinyGguf.named("one"));
        String good = Files.readString(manifest("one"));
        String sha256 = catalogue.find("one").orElseThrow().files().getFirst().sha256();
        List<String> bad = List.of(
                good.replace("\"one\"", "\"two\""),
                good.replace(sha256, "../../" + sha256.substring(6)),
                good.replace(sha256, sha256.substring(1)),
                good.replace(sha256, ""),
                good.replace("\"sha256\"", "\"path\": \"relative/path\", \"sha256\""),
                good.replace("\"sha256\"", "\"path\": \"a\\u0000b\", \"sha256\""),
                good.replace("\"version\" : 1", "\"version\" : 9"),
                good.replace("\"size_bytes\" : ", "\"size_bytes\" : -"),
                good.replace("2026-11-23", "yesterday"),
                good + "{}",
                "[]",
                "[".repeat(100_000),
                "{\"version\":1,\"name\":\"one\",\"added\":\"2026-11-23T12:00:00Z\",\"files\":[]}");

        for (String text : bad) {
            assertThat(text).isNotEqualTo(good);
            Files.writeString(manifest("one"), text);
            assertThat(fixture.names())
                    .as(text.substring(0, Math.min(400, text.length())))
                    .isEmpty();
            assertThat(catalogue.listing().warnings()).hasSize(1);
        }
    }

    @Test
    void fieldsOfANewerProgramArePassedOver() throws IOException {
        fixture.adopt("one", TinyGguf.named("one"));
        String good = Files.readString(manifest("one"));

        Files.writeString(
                manifest("one"),
                good.replaceFirst("\\{", "{\"later\": {\"a\": [1, 2]}, ")
                        .replace("\"size_bytes\"", "\"tier\": 3, \"size_bytes\""));

        assertThat(fixture.names()).containsExactly("one");
        assertThat(catalogue.listing().warnings()).isEmpty();
    }

    @Test
    void aHugeManifestIsNotRead() throws IOException {
        Files.createDirectories(manifest("big").getParent());
        Files.write(manifest("big"), new byte[ManifestJson.MAX_BYTES + 1]);

        assertThat(catalogue.listing().warnings()).singleElement().asString().contains("larger than");
    }

    @Test
    void aFarmOfLinksLeadsNowhere() throws IOException {
        fixture.adopt("one", TinyGguf.named("one"));
        Path outside = folder.resolve("outside.json");
        Files.copy(manifest("one"), outside);
        Files.delete(manifest("one"));
        Files.createSymbolicLink(manifest("one"), outside);
        Files.createSymbolicLink(manifest("etc"), Path.of("/etc"));
        Files.createSymbolicLink(manifest("loop"), manifest("loop"));
        Files.writeString(manifest("%2e%2e%2Fx"), "{}");

        assertThat(catalogue.entries()).isEmpty();
        assertThat(catalogue.listing().warnings()).hasSize(4);
    }

    @Test
    void hostileNamesReachNothing() throws IOException {
        fixture.adopt("one", TinyGguf.named("one"));
        Path secret = TinyGguf.named("secret").writeTo(folder.resolve("secret.gguf"));

        for (String name : ModelNameTest.HOSTILE) {
            assertThat(catalogue.find(name)).isEmpty();
            assertThatIllegalArgumentException().isThrownBy(() -> catalogue.remove(name));
            assertThatIllegalArgumentException().isThrownBy(() -> catalogue.alias(name, "one"));
            assertThatIllegalArgumentException().isThrownBy(() -> catalogue.alias("x", name));
            assertThatIllegalArgumentException().isThrownBy(() -> catalogue.unalias(name));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> catalogue.reference(
                            dev.millrace.core.id.ModelId.isValid(name)
                                    ? id(name)
                                    : new dev.millrace.core.id.ModelId(name),
                            List.of(secret),
                            "x"));
        }
        assertThat(catalogue.find("../../secret")).isEmpty();
        assertThat(CatalogueFixture.list(folder)).containsExactly(fixture.data, secret);
    }

    @Test
    void aDownloadThatIsNotWhatWasVerifiedIsNotTaken() throws IOException {
        StoredFile file = fixture.downloaded(TinyGguf.named("a"));
        Path link = fixture.models().resolve("partial/link");
        Files.createSymbolicLink(link, file.path());
        List<StoredFile> wrong = List.of(
                new StoredFile(file.path(), file.sizeBytes() + 1, file.sha256()),
                new StoredFile(
                        file.path(), file.sizeBytes(), "../" + file.sha256().substring(3)),
                new StoredFile(file.path(), file.sizeBytes(), ""),
                new StoredFile(link, file.sizeBytes(), file.sha256()));

        for (StoredFile bad : wrong) {
            assertThatExceptionOfType(CatalogueRefusedException.class)
                    .isThrownBy(() -> catalogue.adopt(id("a"), List.of(bad), "test"));
        }
        assertThat(file.path()).exists();
        assertThat(catalogue.entries()).isEmpty();
    }

    @Test
    void theSweepTouchesOnlyWhatTheStoreMade() throws IOException {
        fixture.adopt("one", TinyGguf.named("one"));
        Path note = Files.writeString(fixture.models().resolve("blobs/README"), "mine", StandardCharsets.UTF_8);
        Path short1 = Files.writeString(fixture.models().resolve("blobs/sha256-abc"), "mine");

        catalogue.sweep();

        assertThat(note).exists();
        assertThat(short1).exists();
    }
}
