package dev.millrace.cli.gates;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// A parsed Java file.
record JavaSource(String name, String text, CompilationUnitTree unit, Trees trees) {
    private static final Pattern NOT_CODE = Pattern.compile(
            "\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+'|//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    /// Parses files in one go.
    static List<JavaSource> parse(SourceTree tree, List<Path> files) {
        List<JavaSource> sources = new ArrayList<>();
        for (Path file : files) {
            try {
                sources.add(parse(tree.name(file), Files.readString(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sources;
    }

    /// Parses one file.
    static JavaSource parse(String name, String text) {
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///" + name), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
        // Without a class path: nothing is resolved, and each task would read and keep all jars of its own.
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, d -> {}, List.of("-proc:none", "-classpath", ""), null, List.of(file));
        try {
            CompilationUnitTree unit = task.parse().iterator().next();
            return new JavaSource(name, text, unit, Trees.instance(task));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The text with comments and literals blanked out; lines stay where they are.
    String code() {
        return NOT_CODE.matcher(text).replaceAll(m -> m.group().replaceAll("[^\n]", " "));
    }

    /// Number of lines.
    int length() {
        return (int) text.lines().count();
    }

    /// The line a tree starts on.
    long line(Tree tree) {
        return unit.getLineMap().getLineNumber(trees.getSourcePositions().getStartPosition(unit, tree));
    }

    /// Lines from the first to the last of a tree.
    long lines(Tree tree) {
        long end = trees.getSourcePositions().getEndPosition(unit, tree);
        return unit.getLineMap().getLineNumber(end) - line(tree) + 1;
    }

    /// The documentation comment of a declaration.
    @Nullable
    String documentation(TreePath path) {
        return trees.getDocComment(path);
    }

    Finding finding(Tree tree, String problem) {
        return new Finding(name, line(tree), problem);
    }
}
