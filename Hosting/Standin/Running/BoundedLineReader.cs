namespace Aspire.Hosting.Running;

/// <summary>
/// Reads lines. One that is too long comes in pieces, so that a program that never ends its line costs no memory.
/// </summary>
sealed class BoundedLineReader(TextReader reader, int maxLength)
{
    private const int InitialLength = 1024;

    // One more than a line, to see whether one of the greatest length ends there.
    private char[] _buffer = new char[Math.Min(InitialLength, maxLength + 1)];
    private int _start;
    private int _end;
    private bool _afterCarriageReturn;

    /// <summary>The next line or piece of one, or null at the end.</summary>
    public async ValueTask<string?> ReadLineAsync()
    {
        var searched = 0;
        while (true)
        {
            SkipLineFeed();
            var length = _buffer.AsSpan((_start + searched).._end).IndexOfAny('\r', '\n');
            if (length >= 0) return TakeLine(searched + length);
            searched = _end - _start;
            if (searched > maxLength)
                return Take(char.IsHighSurrogate(_buffer[_start + maxLength - 1]) ? maxLength - 1 : maxLength);

            MakeRoom();
            var read = await reader.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
            if (read == 0) return searched == 0 ? null : Take(searched);
            _end += read;
        }
    }

    // Without waiting for it: what follows a carriage return may take its time.
    private void SkipLineFeed()
    {
        if (!_afterCarriageReturn || _start == _end) return;
        if (_buffer[_start] == '\n') _start++;
        _afterCarriageReturn = false;
    }

    private string TakeLine(int length)
    {
        var line = Take(length);
        _afterCarriageReturn = _buffer[_start++] == '\r';
        return line;
    }

    private string Take(int length)
    {
        var text = new string(_buffer, _start, length);
        _start += length;
        return text;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, maxLength + 1));
    }
}
