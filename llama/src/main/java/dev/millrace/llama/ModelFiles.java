package dev.millrace.llama;

import dev.millrace.gguf.GgufModel;
import dev.millrace.gguf.GgufReader;
import dev.millrace.gguf.InvalidGgufException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Has the files of a model checked before native code maps them: a damaged one would end the process.
final class ModelFiles {
    private ModelFiles() {}

    /// @param first the file of a model, or the first of several
    /// @return what its files say
    /// @throws ModelLoadException if it cannot be served
    static GgufModel check(Path first) throws ModelLoadException {
        try {
            GgufModel model = GgufReader.readModel(first);
            Optional<String> whyNot = model.whyNotServed();
            if (whyNot.isPresent()) {
                throw new ModelLoadException(first + " cannot be served: " + whyNot.get());
            }
            return model;
        } catch (ModelLoadException e) {
            throw e;
        } catch (InvalidGgufException e) {
            throw new ModelLoadException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ModelLoadException("cannot read " + first + ": " + e.getMessage(), e);
        }
    }
}
