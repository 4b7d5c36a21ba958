package dev.millrace.models.foreign;

import java.nio.file.Path;
import java.util.List;

/// Looks through the folders of other programs, and through plain ones. A folder that is not there holds
/// nothing. What cannot be used is in the result, too, with the reason. Reads headers only. *Thread-safe.*
public final class ForeignModels {
    private ForeignModels() {}

    /// Ollama's models.
    ///
    /// @param models the folder with `manifests` and `blobs`: `~/.ollama/models`
    public static List<FoundModel> ollama(Path models) {
        return new OllamaModels(models).find();
    }

    /// LM Studio's models, by publisher and repository.
    ///
    /// @param models `~/.lmstudio/models`
    public static List<FoundModel> lmStudio(Path models) {
        return new ModelTree(models, "LM Studio", ModelTree.Naming.MAKER).find();
    }

    /// GGUF files in the cache of the Hugging Face libraries.
    ///
    /// @param hub the folder with `models--…`: `~/.cache/huggingface/hub`
    public static List<FoundModel> huggingFace(Path hub) {
        return new HubCache(hub).find();
    }

    /// GGUF files somewhere below a folder.
    public static List<FoundModel> folder(Path folder) {
        return new ModelTree(folder, "file", ModelTree.Naming.PLAIN).find();
    }

    /// One model by its file; further files of a split are looked for beside it. Unlike in a folder, a link
    /// may lead anywhere: the person named it.
    public static FoundModel file(Path file) {
        return Candidate.ofNamedFile(file);
    }
}
