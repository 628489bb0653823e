using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;

namespace Thimble.Speculative;

/// <summary>A model whose layers arrive from disk as a run needs them: while one is computed, the next is read.</summary>
/// <remarks>As many first layers as fit a budget stay in memory; the others take turns in two places. The layers are first written to
/// a file of their own, one after the other, so that each is one read. A run reads the same bytes however many tokens it has.</remarks>
internal sealed class LayerStream : IDisposable
{
    private const int Chunk = 8 << 20, Align = 4096;

    private readonly ModelFile _file;
    private readonly SafeFileHandle _layers;
    private readonly long[] _starts, _lengths;
    private readonly Allocation[] _places;   // of each resident layer, then two that the others share
    private readonly int _resident;
    private readonly Thread _reader;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly ManualResetEventSlim _arrived = new();
    private readonly int[] _held = [-1, -1];
    private readonly TimeProvider _time;
    private volatile int _next = -1;
    private volatile bool _closed;
    private volatile Exception? _fault;
    private long _bytes;

    /// <summary>Opens a model.</summary>
    /// <param name="file">The model; it stays open as long, and is not disposed with this.</param>
    /// <param name="layersPath">The file that the layers are written to; it is replaced, and deleted with this.</param>
    /// <param name="budget">Bytes of layers that may be in memory at once.</param>
    /// <param name="context">The longest text.</param>
    /// <param name="precision">What activations are rounded to.</param>
    /// <param name="time">Tells the time; null for the system's.</param>
    /// <exception cref="CapacityException">Not even two layers fit the budget; the message says what would.</exception>
    /// <exception cref="NotSupportedException">The model has an encoder, looks ahead, or keeps its layers under other names.</exception>
    public LayerStream(ModelFile file, string layersPath, long budget, int context, Precision precision = Precision.Bytes, TimeProvider? time = null)
    {
        (_file, _time) = (file, time ?? TimeProvider.System);
        int count = file.Int("block_count");
        List<StoredTensor>[] tensors = [.. Enumerable.Range(0, count).Select(_ => new List<StoredTensor>())];
        foreach (StoredTensor tensor in file.Tensors)
        {
            if (LayerOf(tensor) is { } layer && layer < count)
                tensors[layer].Add(tensor);
        }

        if (tensors.Length == 0 || tensors.Any(layer => layer.Count == 0))
            throw new NotSupportedException($"'{file.Path}' ({file.Architecture}) cannot be streamed layer by layer: its layers are not tensors named blk.0 to blk.{count - 1}. Open it without StreamMemory.");
        _lengths = [.. tensors.Select(layer => layer.Sum(tensor => Rounded(tensor.Length)))];
        _starts = new long[count];
        for (int i = 1; i < count; i++)
            _starts[i] = _starts[i - 1] + _lengths[i - 1];
        long greatest = _lengths.Max(), all = _lengths.Sum();
        if (budget < Math.Min(all, 2 * greatest))
        {
            throw new CapacityException(
                $"A budget of {budget} bytes holds less than two of the layers of '{file.Path}', which take turns in memory; at least {Math.Min(all, 2 * greatest)} bytes are needed.",
                Math.Min(all, 2 * greatest), budget);
        }

        _resident = all <= budget ? count : Resident(budget - (2 * greatest));
        _places = [.. _lengths.Take(_resident).Select(length => new Allocation(length)),
            .. Enumerable.Range(0, _resident == count ? 0 : 2).Select(_ => new Allocation(greatest))];
        _layers = Write(layersPath, tensors);
        for (int i = 0; i < _resident; i++)
            Fill(i, _places[i]);
        Decoder whole = Architectures.Build(new Blueprint(Streamed(tensors), new Opening(precision, null)) { Context = context });
        if (whole.Reader is not null || whole.LooksAhead || whole.Head is null)
        {
            Free(whole);
            throw new NotSupportedException($"'{file.Path}' ({file.Architecture}) cannot be streamed layer by layer: it does not continue texts token by token. Open it without StreamMemory.");
        }

        Decoder = new Decoder(whole.Embedding, [.. whole.Layers.Select(Waiting)], whole.LastNorm, whole.Head, whole.Prelude) { Source = file.Path };
        _bytes = 0;   // what building read does not count
        _reader = new Thread(Work) { IsBackground = true, Name = "Thimble layers" };
        _reader.Start();
        if (_resident < count)
            Want(_resident);
    }

    /// <summary>The model.</summary>
    public Decoder Decoder { get; }

    /// <summary>Layers that stay in memory.</summary>
    public int ResidentLayers => _resident;

    /// <summary>Bytes read since it was opened, counted where they are read.</summary>
    public long BytesRead => Interlocked.Read(ref _bytes);

    /// <summary>Bytes of layers in memory.</summary>
    public long BytesHeld => _places.Sum(place => place.Length);

    /// <summary>How long runs waited for layers.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Reads are slowed down to this many bytes a second, to stand for a slower disk; 0 for as fast as they are.</summary>
    public long BytesPerSecond { get; set; }

    /// <summary>Whether the system is told to forget what it has cached of the layers' file before each is read, so that every byte comes from the disk.</summary>
    public bool ForgetsPages { get; set; }

    /// <summary>Asked again and again while a run waits for a layer, until it has nothing to do; null for nothing.</summary>
    public Func<bool>? Idle { get; set; }

    /// <summary>Closes the model and deletes the file of its layers.</summary>
    public void Dispose()
    {
        _closed = true;
        _wanted.Release();
        _reader.Join();
        Free(Decoder);
        _wanted.Dispose();
        _arrived.Dispose();
    }

    private void Free(Decoder decoder)
    {
        _layers.Dispose();
        foreach (Weight weight in decoder.Weights.Append(decoder.Embedding.Table))
            weight.Dispose();
        foreach (Allocation place in _places)
            place.Dispose();
    }

    private static long Rounded(long length) => (length + Align - 1) / Align * Align;

    private static int? LayerOf(StoredTensor tensor) =>
        tensor.Name.Split('.', 3) is ["blk", var number, _] && int.TryParse(number, CultureInfo.InvariantCulture, out int layer) ? layer : null;

    private Layer Waiting(Layer layer, int number) => number < _resident ? layer
        : number < _lengths.Length - 1 ? new([new Arrival(this, number), .. layer.Steps])
        : new([new Arrival(this, number), .. layer.Steps, new Departure(this)]);

    private int Resident(long room)
    {
        int count = 0;
        for (; count < _lengths.Length && _lengths[count] <= room; count++)
            room -= _lengths[count];
        return count;
    }

    private Allocation PlaceOf(int layer) => _places[layer < _resident ? layer : _resident + Slot(layer)];

    private int Slot(int layer) => (layer - _resident) % 2;

    private SafeFileHandle Write(string path, List<StoredTensor>[] tensors)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        for (int layer = 0; layer < tensors.Length; layer++)
        {
            long at = _starts[layer];
            foreach (StoredTensor tensor in tensors[layer])
            {
                Region bytes = tensor.Bytes();
                for (long done = 0; done < bytes.Length; done += Chunk)
                    RandomAccess.Write(file, bytes.Slice(done, (int)Math.Min(Chunk, bytes.Length - done)), at + done);
                bytes.Release();
                at += Rounded(tensor.Length);
            }
        }

        RandomAccess.FlushToDisk(file);   // only what has reached the disk can be forgotten
        return file;
    }

    /// <summary>The file, its layers' tensors where they will be when they are needed.</summary>
    private ModelFile Streamed(List<StoredTensor>[] tensors)
    {
        List<StoredTensor> all = [.. _file.Tensors.Where(tensor => LayerOf(tensor) is not { } layer || layer >= tensors.Length)];
        for (int layer = 0; layer < tensors.Length; layer++)
        {
            long at = 0;
            foreach (StoredTensor tensor in tensors[layer])
            {
                (int owner, long offset, long length) = (layer, at, tensor.Length);
                all.Add(new(tensor.Name, tensor.BlockFormat, [.. tensor.Shape], () => Place(owner, offset, length)));
                at += Rounded(tensor.Length);
            }
        }

        return new ModelFile(_file.Path, _file.Metadata, all);
    }

    /// <summary>A tensor's place, filled: what is small is copied out of it when the model is built.</summary>
    private Region Place(int layer, long offset, long length)
    {
        if (layer >= _resident)
            Read(PlaceOf(layer), _starts[layer] + offset, offset, length);
        return PlaceOf(layer).Region.Part(offset, length);
    }

    private void Fill(int layer, Allocation place)
    {
        if (ForgetsPages)
            PageCache.Forget(_layers);
        Read(place, _starts[layer], 0, _lengths[layer]);
    }

    private void Read(Allocation place, long from, long to, long length)
    {
        for (long done = 0; done < length && !_closed;)
        {
            long start = _time.GetTimestamp();
            int part = (int)Math.Min(BytesPerSecond > 0 ? Math.Max(Align, BytesPerSecond / 200) : Chunk, length - done);
            int read = RandomAccess.Read(_layers, place.Slice(to + done, part), from + done);
            if (read == 0)
                break;   // the last layer's file ends before its rounded length
            done += read;
            Interlocked.Add(ref _bytes, read);
            if (BytesPerSecond > 0)
            {
                TimeSpan due = TimeSpan.FromSeconds(read / (double)BytesPerSecond) - _time.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                    Thread.Sleep(due);   // a slower disk is played on the reader's own thread, at most 5 ms at a time, so that closing is seen soon
            }
        }
    }

    private void Want(int layer)
    {
        lock (_lock)
            _held[Slot(layer)] = -1;
        _next = layer;
        _wanted.Release();
    }

    private void Work()
    {
        while (true)
        {
            _wanted.Wait();
            if (_closed)
                return;
            int layer = _next;
            try
            {
                Fill(layer, PlaceOf(layer));
                lock (_lock)
                    _held[Slot(layer)] = layer;
            }
            catch (Exception fault)
            {
                _fault = fault;   // the run that waits for the layer throws it
            }

            _arrived.Set();
        }
    }

    /// <summary>Waits until a layer is there, and has the next one read.</summary>
    private void Await(int layer)
    {
        long start = _time.GetTimestamp();
        while (!IsThere(layer))
        {
            if (_fault is { } fault)
                throw new IOException($"Layer {layer} of '{_file.Path}' could not be read: {fault.Message}", fault);
            if (Idle is null || !Idle())
                _arrived.Wait(1);
            _arrived.Reset();
        }

        Waited += _time.GetElapsedTime(start);

        // The place of the layer before is free now.
        if (layer + 1 < _lengths.Length && !IsThere(layer + 1))
            Want(layer + 1);
    }

    /// <summary>After the last layer, has the first one read for the next run.</summary>
    private void Return()
    {
        if (!IsThere(_resident))
            Want(_resident);
    }

    private bool IsThere(int layer)
    {
        lock (_lock)
            return _held[Slot(layer)] == layer;
    }

    /// <summary>Waits for a layer's weights.</summary>
    private sealed record Arrival(LayerStream Stream, int Number) : Step
    {
        public override IEnumerable<Block> Blocks => [];

        public override Matrix Apply(Pass pass, Matrix x)
        {
            Stream.Await(Number);
            return x;
        }
    }

    /// <summary>Says that the last layer has been computed.</summary>
    private sealed record Departure(LayerStream Stream) : Step
    {
        public override IEnumerable<Block> Blocks => [];

        public override Matrix Apply(Pass pass, Matrix x)
        {
            Stream.Return();
            return x;
        }
    }
}
