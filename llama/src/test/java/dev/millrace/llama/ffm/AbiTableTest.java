package dev.millrace.llama.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.llama.ffm.StructTable.Field;
import dev.millrace.llama.natives.NativeAbi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AbiTableTest {
    private static final StructTable TABLE = StructTable.parse("s", 24, """
            a@0 i32 -1
            b@4 f32 0.5
            c@8 ptr 0
            d@16 bool 1
            """);

    private static MemorySegment defaults() {
        MemorySegment struct = Arena.ofAuto().allocate(24, 8);
        struct.set(ValueLayout.JAVA_INT, 0, -1);
        struct.set(ValueLayout.JAVA_FLOAT, 4, 0.5f);
        struct.set(ValueLayout.JAVA_BYTE, 16, (byte) 1);
        return struct;
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void fieldsLieInTheirStructAlignedAndApart(NativeAbi abi) {
        for (StructTable table :
                List.of(AbiTable.of(abi).modelParams(), AbiTable.of(abi).contextParams())) {
            List<Field> fields = table.fields().values().stream()
                    .sorted(Comparator.comparingLong(Field::offset))
                    .toList();
            long end = 0;
            for (Field field : fields) {
                assertThat(field.offset()).as(field.toString()).isGreaterThanOrEqualTo(end);
                assertThat(field.offset() % field.kind().bytes)
                        .as(field.toString())
                        .isZero();
                end = field.offset() + field.kind().bytes;
            }
            assertThat(end).isBetween(table.size() - 7, table.size());
            assertThat(table.layout().byteSize()).isEqualTo(table.size());
        }
    }

    @Test
    void equalDefaultsHaveNoDifference() {
        assertThat(TABLE.difference(defaults())).isEmpty();
    }

    @Test
    void paddingIsNotCompared() {
        MemorySegment struct = defaults();
        struct.set(ValueLayout.JAVA_BYTE, 17, (byte) 99);

        assertThat(TABLE.difference(struct)).isEmpty();
    }

    @Test
    void firstDifferenceIsNamedWithBothValues() {
        MemorySegment struct = defaults();
        struct.set(ValueLayout.JAVA_BYTE, 16, (byte) 0);
        struct.set(ValueLayout.JAVA_INT, 0, 512);

        assertThat(TABLE.difference(struct)).contains("s.a@0: 0x200 (expected: 0xffffffff)");
    }

    @Test
    void fieldOfAnotherBuildIsAFault() {
        assertThatThrownBy(() -> TABLE.offset("kv_unified"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kv_unified");
    }
}
