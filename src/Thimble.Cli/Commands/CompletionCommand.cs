using System.CommandLine;

namespace Thimble.Cli.Commands;

/// <summary><c>thimble completion bash|zsh|fish|pwsh</c>: the script by which a shell asks this program how a line may go on.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # thimble completion bash > ~/.local/share/bash-completion/completions/thimble
        _thimble() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(thimble "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _thimble thimble
        """;

    private const string Zsh = """
        #compdef thimble
        # thimble completion zsh > "${fpath[1]}/_thimble"
        _thimble() {
          local -a offered
          offered=("${(@f)$(thimble "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a offered
          _files
        }
        compdef _thimble thimble
        """;

    private const string Fish = """
        # thimble completion fish > ~/.config/fish/completions/thimble.fish
        complete -c thimble -a '(thimble "[suggest:"(string length (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    private const string PowerShell = """
        # thimble completion pwsh >> $PROFILE
        Register-ArgumentCompleter -Native -CommandName thimble -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          thimble "[suggest:$cursorPosition]" "$commandAst" 2>$null | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    private static readonly Dictionary<string, string> s_scripts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bash"] = Bash,
        ["fish"] = Fish,
        ["pwsh"] = PowerShell,
        ["zsh"] = Zsh,
    };

    public static Command Create(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = $"One of {string.Join(", ", s_scripts.Keys)}.", HelpName = "SHELL" };
        shell.CompletionSources.Add(_ => s_scripts.Keys.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var command = new Command("completion", "Write a script that completes commands in your shell.") { shell };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(shell);
            terminal.Out.WriteLine(s_scripts.TryGetValue(name, out string? script)
                ? script
                : throw new ArgumentException($"Shell '{name}' is unknown; known: {string.Join(", ", s_scripts.Keys)}."));
            return ExitCode.Success;
        });
        return command;
    }
}
