package dev.millrace.llama;

import java.util.Map;

/// How many bytes the numbers of a tensor take. Types that are not listed count as nothing, so that a newer file is
/// not refused here for what llama.cpp may know.
final class GgufType {
    /// Numbers per block and bytes per block, by the number of the type in the file.
    private static final Map<Integer, int[]> BLOCKS = Map.ofEntries(
            Map.entry(0, new int[] {1, 4}), // F32
            Map.entry(1, new int[] {1, 2}), // F16
            Map.entry(2, new int[] {32, 18}), // Q4_0
            Map.entry(3, new int[] {32, 20}), // Q4_1
            Map.entry(6, new int[] {32, 22}), // Q5_0
            Map.entry(7, new int[] {32, 24}), // Q5_1
            Map.entry(8, new int[] {32, 34}), // Q8_0
            Map.entry(10, new int[] {256, 84}), // Q2_K
            Map.entry(11, new int[] {256, 110}), // Q3_K
            Map.entry(12, new int[] {256, 144}), // Q4_K
            Map.entry(13, new int[] {256, 176}), // Q5_K
            Map.entry(14, new int[] {256, 210}), // Q6_K
            Map.entry(20, new int[] {32, 18}), // IQ4_NL
            Map.entry(23, new int[] {256, 136}), // IQ4_XS
            Map.entry(30, new int[] {1, 2})); // BF16

    private GgufType() {}

    static long bytes(int type, long numbers) {
        int[] block = BLOCKS.get(type);
        return block == null ? 0 : numbers / block[0] * block[1];
    }
}
