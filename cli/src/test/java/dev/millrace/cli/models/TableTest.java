package dev.millrace.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.console.Style;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void aTableKeepsItsColumnsWhateverModelsAreCalled() {
        Table table = new Table("NAME", "SIZE", "X");
        table.add("模型", "1 B", "a");
        table.add("a\033[31m", "", "b");
        table.note("below");

        assertThat(table.text(Style.PLAIN)).isEqualTo("NAME    SIZE  X\n模型    1 B   a\na␛[31m        b\n  below\n");
    }
}
