namespace Thimble.Tests.Models.Files.Import;

/// <summary>Reads int4 files one number after another, as their description says and not as the importer does.</summary>
internal sealed class Int4Reference(string path)
{
    private readonly byte[] _file = File.ReadAllBytes(path);
    private int _at;

    public bool AtEnd => _at == _file.Length;

    public int[] Header(int fields) => [.. Enumerable.Range(0, fields).Select(_ => BitConverter.ToInt32(_file, Past(4)))];

    public float[] Vector(int length) => [.. Enumerable.Range(0, length).Select(_ => BitConverter.ToSingle(_file, Past(4)))];

    /// <summary>Rows of a matrix.</summary>
    public float[][] Matrix(int rows, int columns)
    {
        int group = Header(1)[0], rowBytes = (columns + 1) / 2, groups = (columns + group - 1) / group;
        int nibbles = Past(rows * rowBytes), scales = Past(2 * rows * groups);
        float[][] values = new float[rows][];
        for (int row = 0; row < rows; row++)
        {
            values[row] = new float[columns];
            for (int i = 0; i < columns; i++)
            {
                int nibble = (_file[nibbles + (row * rowBytes) + (i / 2)] >> (i % 2 * 4)) & 15;
                values[row][i] = (nibble - 8) * (float)BitConverter.ToHalf(_file, scales + (2 * ((row * groups) + (i / group))));
            }
        }

        return values;
    }

    /// <summary>Rows padded with zeros, part by part, and laid out flat.</summary>
    public static float[] Padded(float[][] rows, int parts, int paddedRows, int paddedColumns)
    {
        int partRows = rows.Length / parts;
        float[] flat = new float[parts * paddedRows * paddedColumns];
        for (int row = 0; row < rows.Length; row++)
            rows[row].CopyTo(flat, ((row / partRows * paddedRows) + (row % partRows)) * paddedColumns);
        return flat;
    }

    private int Past(int bytes)
    {
        _at += bytes;
        return _at - bytes;
    }
}
