Console.WriteLine("Nothing to do.");
