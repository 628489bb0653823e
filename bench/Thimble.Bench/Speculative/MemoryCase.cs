using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Bench;

/// <summary>SpecMemo's curve: the fastest tree, heads and format within ever smaller budgets, planned bytes beside measured ones, and the speed of each.</summary>
internal static class MemoryCase
{
    private const int Turns = 20, Turn = 24, Tokens = 48, Asked = 6;

    private static readonly string[] s_formats = ["Q8_0", "Q5_0", "Q4_0"];

    /// <summary>Prints a table.</summary>
    /// <param name="target">The model that is blown up.</param>
    /// <param name="headsPath">Medusa heads for it.</param>
    /// <param name="megabytes">Millions of bytes that it takes at first.</param>
    public static void Run(string target, string headsPath, int megabytes)
    {
        using var team = new Team(Cores.Best, pinned: true);
        var bases = s_formats.ToDictionary(format => format, format => new Base(target, headsPath, megabytes, format, team));
        Base first = bases[s_formats[0]];
        foreach (Base one in bases.Values)
            one.Rate();
        var memo = new SpecMemo
        {
            Formats = s_formats,
            Heads = first.Heads.Count,
            Weights = format => bases[format].Bytes,
            Drafter = heads => heads * first.Heads.BytesEach,
            Cache = nodes => first.Memory.Cache(Turns, Turn, nodes),
            Scratch = nodes => first.Memory.Scratch(nodes),
            Speed = (format, levels, heads) => bases[format].Speed(levels, heads),
        };
        MemoryPlan full = memo.Of(SpecMemo.Full, first.Heads.Count, s_formats[0]);
        Console.WriteLine($"plain: {first.Speed([], 0):F1} tokens/s, {(full.Weights + first.Memory.Cache(Turns, Turn, 0) + first.Memory.Scratch(0)) / 1e6:F2} MB; full tree {full.Shape}: {full.Total / 1e6:F2} MB");
        Console.WriteLine("| budget, MB | format | heads | tree | tokens of it | planned, MB | measured, MB | off by | plain tokens/s | whole trees | paced | 20 turns |");
        HashSet<string> seen = [];
        for (double share = 1.02; share > 0.25; share *= 0.92)
        {
            long budget = (long)(full.Total * share);
            try
            {
                MemoryPlan plan = memo.Plan(budget);
                if (seen.Add($"{plan.Format} {plan.Heads} {plan.Shape}"))
                    Print(budget, plan, bases[plan.Format]);
            }
            catch (CapacityException refusal)
            {
                Console.WriteLine($"| {budget / 1e6:F2} | {refusal.Message} |");
                break;
            }
        }

        foreach (Base one in bases.Values)
            one.Dispose();
    }

    private static void Print(long budget, MemoryPlan plan, Base one)
    {
        (double plain, double whole, double paced, long bytes, bool same) = one.Chat(plan);
        long measured = bytes + plan.Drafter + plan.Weights;
        Console.WriteLine(
            $"| {budget / 1e6:F2} | {plan.Format} | {plan.Heads} | {(plan.Nodes > 0 ? plan.Shape : "none")} | {plan.Nodes} | {plan.Total / 1e6:F3} | {measured / 1e6:F3} | " +
            $"{100.0 * (plan.Cache + plan.Scratch - bytes) / bytes:F1} % | {plain:F1} | {whole / plain:F2}x | {paced / plain:F2}x | {(same ? "same text" : "NOT THE SAME TEXT")} |");
    }

    /// <summary>The base model in a format, with its heads.</summary>
    private sealed class Base : IDisposable
    {
        private readonly Team _team;
        private readonly ModelFile _file;
        private readonly Decoder _decoder;
        private readonly Tokenizer _tokenizer;
        private readonly LevelRanks _ranks = new();
        private readonly PassCost _cost = new();
        private readonly Scribe _scribe;

        public Base(string target, string heads, int megabytes, string format, Team team)
        {
            // The same width in each format, so that fewer bits are fewer bytes.
            double bits = Compute.Formats.BlockFormats.Named(format).BitsPerWeight / Compute.Formats.BlockFormats.Named("Q8_0").BitsPerWeight;
            (_team, _file) = (team, PaddedModel.Of(ModelFile.Open(target), (int)Math.Round(megabytes * bits), format));
            _tokenizer = Tokenizer.From(_file.Metadata);
            _decoder = Architectures.Build(new Blueprint(_file, new Opening(Precision.Bytes, team)) { Context = 1024 });
            _scribe = new Scribe(_decoder, team, 1024);
            Heads = MedusaHeads.Open(heads, _decoder.Embedding.Width, _decoder.Head!.Vocabulary, team);
            Memory = new MemoryModel(_decoder, _scribe.States, team);
        }

        public MedusaHeads Heads { get; }

        public MemoryModel Memory { get; }

        public long Bytes => _decoder.BytesPerToken;

        /// <summary>Measures how often tokens of a full tree are right, and what runs cost.</summary>
        public void Rate()
        {
            foreach (string prompt in Prompts.Stories(6))
            {
                using var drafter = new Recorder(new MedusaDrafter(Heads, _team) { Levels = SpecMemo.Full }, _ranks);
                using var speculation = new Speculation(drafter, Scribe.Fixed(SpecMemo.Full.Sum()), ownsDrafter: false);
                _scribe.Write(_tokenizer.Encode(prompt), Tokens, SamplingOptions.Greedy, speculation);
            }

            for (int round = 0; round < 5; round++)
            {
                foreach (int nodes in (int[])[0, 1, 2, 3, 5, 7, 11, 15, 23, 31, 47, 63])
                    _cost.Take(nodes + 1, new MemoryModel(_decoder, _scribe.States, _team).Seconds(nodes));
            }
        }

        /// <summary>Tokens a second with a tree, by what was measured of its levels and its width.</summary>
        public double Speed(IReadOnlyList<int> levels, int heads) =>
            _ranks.Tokens(levels) / (_cost.Of(1 + levels.Sum()) * (1 + (Math.Min(heads, levels.Count) * Heads.BytesEach / (double)Bytes)));

        /// <summary>A chat of twenty turns, plain, with whole trees and with as much of them as the product's pace takes: the best of three each, arena and
        /// pages at their highest, and whether the text is always the same.</summary>
        public (double Plain, double Whole, double Paced, long Bytes, bool Same) Chat(MemoryPlan plan)
        {
            using var drafter = new MedusaDrafter(Heads, _team) { Heads = plan.Heads, Levels = plan.Levels };
            var pace = new DraftPace(new PassCost(), TimeProvider.System) { Most = plan.Nodes };
            using var whole = new Speculation(drafter, Scribe.Fixed(plan.Nodes), ownsDrafter: false);
            using var paced = new Speculation(drafter, pace, ownsDrafter: false);
            double[] best = new double[3];
            (long most, bool same) = (0, true);
            List<int>? first = null;
            for (int i = 0; i < 9; i++)   // in turns: a machine with other work is never too fast
            {
                Speculation? way = plan.Nodes == 0 ? null : (i % 3) switch { 0 => null, 1 => whole, _ => paced };
                (List<int> text, double rate, long bytes) = Chat(way, plan.Nodes, way == paced ? pace : null);
                (best[i % 3], most) = (Math.Max(best[i % 3], rate), Math.Max(most, bytes));
                first ??= text;
                same &= text.SequenceEqual(first);
            }

            return (best[0], best[1], best[2], most, same);
        }

        private (List<int> Text, double Speed, long Bytes) Chat(Speculation? speculation, int piece, DraftPace? pace)
        {
            using var scribe = new Scribe(_decoder, _team, 1024);
            using var state = new Models.States.SequenceState(scribe.States);
            var sampler = new Sampler(SamplingOptions.Greedy, _decoder.Head!.Vocabulary);
            List<int> text = [];
            for (int turn = 0; turn < Turns; turn++)
            {
                text.AddRange(_tokenizer.Encode(Prompts.Stories(Turns).ElementAt(turn), addSpecial: turn == 0).Take(Asked));
                scribe.GoOn(state, sampler, text, ((turn + 1) * Turn) - text.Count, speculation, pace: pace, piece: Math.Max(1, piece));
            }

            return (text, Turns * (Turn - Asked - 1) / scribe.Time.TotalSeconds, scribe.Pass.Scratch.HighWater + scribe.PageBytes);
        }

        public void Dispose()
        {
            Heads.Dispose();
            _scribe.Dispose();
            foreach (Weight weight in _decoder.Weights.Append(_decoder.Embedding.Table))
                weight.Dispose();
            _file.Dispose();
        }
    }

    /// <summary>A drafter whose steps are noted.</summary>
    private sealed class Recorder(MedusaDrafter drafter, LevelRanks ranks) : Drafter
    {
        public override string Name => drafter.Name;

        public override void Propose(in DraftPoint point, Draft draft) => drafter.Propose(point, draft);

        public override void Learn(in Verdict verdict)
        {
            ranks.Learn(verdict);
            drafter.Learn(verdict);
        }

        public override void Dispose() => drafter.Dispose();
    }
}
