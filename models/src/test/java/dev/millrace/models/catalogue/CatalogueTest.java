package dev.millrace.models.catalogue;

import static dev.millrace.models.catalogue.CatalogueFixture.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.models.catalogue.FileCheck.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
    @TempDir
    Path folder;

    private CatalogueFixture fixture;
    private Catalogue catalogue;

    @BeforeEach
    void open() {
        fixture = new CatalogueFixture(folder.resolve("data"));
        catalogue = fixture.catalogue;
    }

    @Test
    void anEmptyCatalogueWritesNothing() {
        assertThat(catalogue.listing()).isEqualTo(new CatalogueListing(List.of(), List.of()));
        assertThat(fixture.data).doesNotExist();
    }

    @Test
    void anAdoptedFileIsAReadOnlyBlobAndNoCopyIsLeft() throws IOException {
        StoredFile download = fixture.downloaded(TinyGguf.named("one"));

        CatalogueEntry entry = catalogue.adopt(id("org/one:q8"), List.of(download), "somewhere");

        assertThat(download.path()).doesNotExist();
        assertThat(fixture.blobs()).containsExactly(entry.files().getFirst().path());
        assertThat(fixture.blobs().getFirst()).hasFileName("sha256-" + download.sha256());
        assertThat(Files.getPosixFilePermissions(fixture.blobs().getFirst()))
                .doesNotContain(PosixFilePermission.OWNER_WRITE, PosixFilePermission.GROUP_WRITE);
        assertThat(catalogue.find("org/one:q8")).hasValueSatisfying(found -> {
            assertThat(found).isEqualTo(entry);
            assertThat(found.isUsable()).isTrue();
            assertThat(found.origin()).isEqualTo("somewhere");
            assertThat(found.added()).isEqualTo(CatalogueFixture.NOW);
            assertThat(found.summary().architecture()).isEqualTo("llama");
            assertThat(found.summary().parameters()).isEqualTo(32);
            assertThat(found.summary().chatTemplate()).startsWith("{{ messages }}");
        });
    }

    @Test
    void anotherCatalogueSeesAtOnceWhatThisOneDid() throws IOException {
        Catalogue other = CatalogueFixture.open(fixture.data);
        assertThat(other.entries()).isEmpty();

        fixture.adopt("one", TinyGguf.named("first"));
        assertThat(other.find("one").orElseThrow().summary().name()).isEqualTo("first");
        fixture.adopt("one", TinyGguf.named("again"));
        assertThat(other.find("one").orElseThrow().summary().name()).isEqualTo("again");
        catalogue.remove("one");

        assertThat(other.entries()).isEmpty();
    }

    @Test
    void aBlobIsDeletedWithTheLastModelThatNamesIt() throws IOException {
        fixture.adopt("one", TinyGguf.named("same"));
        fixture.adopt("two", TinyGguf.named("same"));
        long size = Files.size(fixture.blobs().getFirst());

        assertThat(catalogue.remove("one")).isEqualTo(new Removed(id("one"), 0, List.of()));
        assertThat(fixture.blobs()).hasSize(1);
        assertThat(catalogue.remove("two")).isEqualTo(new Removed(id("two"), size, List.of()));

        assertThat(fixture.blobs()).isEmpty();
        assertThat(catalogue.entries()).isEmpty();
    }

    @Test
    void adoptingANameAgainReplacesItAndFreesTheOldBlob() throws IOException {
        Path first =
                fixture.adopt("one", TinyGguf.named("a")).files().getFirst().path();

        Path second =
                fixture.adopt("one", TinyGguf.named("bb")).files().getFirst().path();

        assertThat(fixture.blobs()).containsExactly(second).doesNotContain(first);
    }

    @Test
    void aBlobThatIsThereNeedNoDownload() throws IOException {
        StoredFile blob = fixture.adopt("one", TinyGguf.named("a")).files().getFirst();

        assertThat(catalogue.blob(blob.sha256())).contains(blob);
        catalogue.adopt(id("two"), List.of(blob), "test");

        assertThat(fixture.names()).containsExactly("one", "two");
        assertThat(catalogue.blob("0".repeat(64))).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> catalogue.blob("../" + "0".repeat(61)));
    }

    @Test
    void aSplitModelIsOneEntryUnderTheNamesThatLlamaCppLooksFor() throws IOException {
        TinyGguf model = TinyGguf.named("big");

        CatalogueEntry entry = fixture.adopt("big", model.part(1, 2), model.part(0, 2));

        assertThat(entry.files().stream().map(f -> f.path().getFileName().toString()))
                .containsExactly("model-00001-of-00002.gguf", "model-00002-of-00002.gguf");
        assertThat(entry.summary().parameters()).isEqualTo(64);
        assertThat(entry.summary().shardCount()).isEqualTo(2);
        assertThat(entry.sizeBytes()).isEqualTo(entry.summary().sizeBytes());
        assertThat(catalogue.verify(entry, _ -> {})).allMatch(check -> check.outcome() == Outcome.INTACT);
        catalogue.remove("big");
        assertThat(fixture.blobs()).isEmpty();
        assertThat(CatalogueFixture.list(fixture.models().resolve("shards"))).isEmpty();
    }

    @Test
    void aSplitModelWithoutOneOfItsFilesIsRefused() {
        assertThatExceptionOfType(InvalidGgufException.class)
                .isThrownBy(() -> fixture.adopt(
                        "big",
                        TinyGguf.named("big").part(1, 3),
                        TinyGguf.named("big").part(0, 3)))
                .withMessage("part 3 of 3 is missing");
        assertThat(catalogue.entries()).isEmpty();
        assertThat(fixture.blobs()).isEmpty();
    }

    @Test
    void aReferenceFindsItsShardsAndCopiesNothing() throws IOException {
        Path first = TinyGguf.named("big").part(0, 2).writeTo(folder.resolve("x/big-00001-of-00002.gguf"));
        Path second = TinyGguf.named("big").part(1, 2).writeTo(folder.resolve("x/big-00002-of-00002.gguf"));

        CatalogueEntry entry = catalogue.reference(id("big"), List.of(second), "file");

        assertThat(entry.files().stream().map(StoredFile::path)).containsExactly(first, second);
        assertThat(entry.residence()).isEqualTo(Residence.IN_PLACE);
        assertThat(fixture.blobs()).isEmpty();
        assertThat(catalogue.remove("big")).isEqualTo(new Removed(id("big"), 0, List.of(first, second)));
        assertThat(first).exists();
        Files.delete(first);
        assertThatExceptionOfType(CatalogueRefusedException.class)
                .isThrownBy(() -> catalogue.reference(id("big"), List.of(second), "file"))
                .withMessageContaining("part 1 of 2 is missing");
    }

    @Test
    void aFileThatIsNoModelIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("a.gguf"), "not a model");

        assertThatExceptionOfType(InvalidGgufException.class)
                .isThrownBy(() -> catalogue.reference(id("a"), List.of(text), "file"))
                .withMessageContaining(text.toString());
        assertThat(catalogue.entries()).isEmpty();
    }

    @Test
    void aReferenceThatChangedSaysSoUntilItIsMadeAgain() throws IOException {
        Path file = TinyGguf.named("a").writeTo(folder.resolve("a.gguf"));
        catalogue.reference(id("a"), List.of(file), "file");

        TinyGguf.named("longer").writeTo(file);
        String problem = catalogue.find("a").orElseThrow().problem();
        catalogue.reference(id("a"), List.of(file), "file");

        assertThat(problem).startsWith(file + " was changed after it was added: it had ");
        assertThat(catalogue.find("a").orElseThrow().problem()).isEmpty();
        assertThat(catalogue.find("a").orElseThrow().summary().name()).isEqualTo("longer");
    }

    @Test
    void aReferenceThatWasOnlyRewrittenSaysSo() throws IOException {
        Path file = TinyGguf.named("a").writeTo(folder.resolve("a.gguf"));
        catalogue.reference(id("a"), List.of(file), "file");

        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));

        CatalogueEntry entry = catalogue.find("a").orElseThrow();
        assertThat(entry.isUsable()).isFalse();
        assertThat(catalogue.verify(entry, _ -> {}).getFirst().outcome()).isEqualTo(Outcome.DAMAGED);
    }

    @Test
    void aReferenceWhoseFileWentIsListedWithTheReason() throws IOException {
        Path file = TinyGguf.named("a").writeTo(folder.resolve("a.gguf"));
        catalogue.reference(id("a"), List.of(file), "file");

        Files.delete(file);

        assertThat(catalogue.find("a").orElseThrow().problem()).isEqualTo(file + " is missing");
    }

    @Test
    void verifyingFindsABlobOfWhichOneByteChanged() throws IOException {
        CatalogueEntry entry = fixture.adopt("one", TinyGguf.named("a"));
        Path blob = entry.files().getFirst().path();
        byte[] content = Files.readAllBytes(blob);
        content[content.length - 1] ^= 1;
        Files.delete(blob);
        Files.write(blob, content);

        FileCheck check = catalogue.verify(entry, _ -> {}).getFirst();

        assertThat(check.outcome()).isEqualTo(Outcome.DAMAGED);
        assertThat(check.detail())
                .contains("expected: " + entry.files().getFirst().sha256());
    }

    @Test
    void aTruncatedBlobAndALinkInItsPlaceAreNotUsable() throws IOException {
        CatalogueEntry entry = fixture.adopt("one", TinyGguf.named("a"));
        Path blob = entry.files().getFirst().path();
        Path elsewhere = TinyGguf.named("a").writeTo(folder.resolve("same.gguf"));

        Files.delete(blob);
        Files.write(blob, new byte[10]);
        assertThat(catalogue.find("one").orElseThrow().problem()).contains("damaged");
        Files.delete(blob);
        Files.createSymbolicLink(blob, elsewhere);

        assertThat(catalogue.find("one").orElseThrow().problem()).contains("damaged");
        assertThat(catalogue.blob(entry.files().getFirst().sha256())).isEmpty();
    }

    @Test
    void aliasesFindTheirModelAndGoWithIt() throws IOException {
        fixture.adopt("one", TinyGguf.named("a"));
        catalogue.alias("gpt-4", "one");
        catalogue.alias("org/x:1", "one");

        assertThat(catalogue.find("gpt-4").orElseThrow().id()).isEqualTo(id("one"));
        assertThat(catalogue.find("one").orElseThrow().aliases()).containsExactly("gpt-4", "org/x:1");
        catalogue.unalias("org/x:1");
        catalogue.remove("one");

        assertThat(catalogue.find("gpt-4")).isEmpty();
        assertThat(CatalogueFixture.list(fixture.models().resolve("aliases"))).isEmpty();
    }

    @Test
    void aNameBelongsToOneModel() throws IOException {
        fixture.adopt("one", TinyGguf.named("a"));
        fixture.adopt("two", TinyGguf.named("b"));
        catalogue.alias("x", "one");
        Path file = TinyGguf.named("c").writeTo(folder.resolve("c.gguf"));

        assertThatExceptionOfType(CatalogueRefusedException.class).isThrownBy(() -> catalogue.alias("x", "two"));
        assertThatExceptionOfType(CatalogueRefusedException.class).isThrownBy(() -> catalogue.alias("two", "one"));
        assertThatExceptionOfType(CatalogueRefusedException.class).isThrownBy(() -> catalogue.alias("y", "none"));
        assertThatExceptionOfType(CatalogueRefusedException.class)
                .isThrownBy(() -> catalogue.reference(id("one"), List.of(file), "file"))
                .withMessageContaining("taken");
        assertThatExceptionOfType(CatalogueRefusedException.class)
                .isThrownBy(() -> catalogue.reference(id("x"), List.of(file), "file"))
                .withMessageContaining("alias of one");
        assertThatExceptionOfType(CatalogueRefusedException.class).isThrownBy(() -> catalogue.remove("none"));
    }

    @Test
    void filesPutThereByHandAndBuiltInOnesAreListedAndStay() throws IOException {
        Path own = TinyGguf.named("mine").writeTo(fixture.models().resolve("My Model.gguf"));
        TinyGguf.named("theirs").writeTo(folder.resolve("shipped/demo.gguf"));
        Catalogue both = Catalogue.open(
                fixture.data, List.of(folder.resolve("shipped")), InstantSource.fixed(CatalogueFixture.NOW));

        assertThat(both.entries().stream().map(CatalogueEntry::residence))
                .containsExactly(Residence.DROPPED_IN, Residence.BUILT_IN);
        assertThat(both.find("My-Model").orElseThrow().files().getFirst().path())
                .isEqualTo(own);
        assertThatExceptionOfType(CatalogueRefusedException.class).isThrownBy(() -> both.remove("My-Model"));
        assertThatExceptionOfType(CatalogueRefusedException.class).isThrownBy(() -> both.remove("demo"));
        assertThat(own).exists();
    }

    @Test
    void aFilePutThereByHandThatChangesIsReadAgain() throws IOException {
        Path file = fixture.models().resolve("a.gguf");
        TinyGguf.named("first").writeTo(file);
        assertThat(catalogue.find("a").orElseThrow().summary().name()).isEqualTo("first");

        Files.delete(file);
        TinyGguf.named("other").writeTo(file);
        assertThat(catalogue.find("a").orElseThrow().summary().name()).isEqualTo("other");
        Files.writeString(file, "broken");

        assertThat(catalogue.find("a").orElseThrow().problem()).contains(file.toString());
    }

    @Test
    void aModelThatMakesEmbeddingsIsListedLikeAnyOther() {
        TinyGguf.named("e")
                .ofArchitecture("nomic-bert")
                .writeTo(fixture.models().resolve("e.gguf"));

        assertThat(catalogue.find("e").orElseThrow().problem()).isEmpty();
    }

    @Test
    void aModelThatMakesNoTextIsListedWithTheReason() {
        TinyGguf.named("e").ofArchitecture("t5").writeTo(fixture.models().resolve("e.gguf"));

        assertThat(catalogue.find("e").orElseThrow().problem()).contains("an encoder and a decoder");
    }
}
